import type { TypedDiff } from '../diff.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const diff: CommandFile = (heapproof) => {
  heapproof
    .command('diff')
    .description(
      'Print the lines that grew and shrank from one profile to another, or from one time to another.',
    )
    .argument('<before>', 'path of a profile, without an extension')
    .argument('[after]', 'path of another one; without it two times of the first are compared')
    .option('--at <time>', 'compare what is live at it: seconds from the start, peak or end')
    .option('--to <time>', 'the same of the second; without it the time of --at')
    .option('--value <value>', 'live or allocated (default: allocated, with --at live)')
    .option('-n <count>', 'number of lines, 0 for all (default: 20)')
    .option(
      '--flame <path>',
      'write the flame graph of the difference too: a page for .html, .json for speedscope, else collapsed',
    )
    .option('--json', 'print every line that changed as JSON')
    .addHelpText(
      'after',
      examples(
        ['heapproof diff before after', 'what a change to the program did'],
        ['heapproof diff out --at 10 --to 60', 'what has come to stay from second 10 to 60'],
        ['heapproof diff before after --flame diff.html', 'and where, as a picture for any browser'],
      ),
    )
    .action(async (before: string, after: string | undefined, options: TypedDiff) => {
      const { diffCommand } = await import('../diff.js')
      process.stdout.write(await diffCommand(before, after, options))
    })
}
