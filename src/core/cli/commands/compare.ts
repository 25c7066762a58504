import type { TypedCompare } from '../compare.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const compare: CommandFile = (heapproof, { endLike }) => {
  heapproof
    .command('compare')
    .description('Compare the memory of two runs of a test suite, such as those before and after a change.')
    .argument('<base>', 'directory with the report of the earlier run, such as .heapproof; or with several')
    .argument('<head>', 'the same of the later run')
    .option('--format <format>', 'text, or markdown for a comment on a pull request (default: text)')
    .option('--json', 'print everything as JSON')
    .option('--threshold <percent>', 'certain changes of more than this are listed (default: 10%)')
    .option('--fail-over <percent>', 'end with exit code 2 when a test certainly grew by more, such as 10%')
    .addHelpText(
      'after',
      examples(
        ['heapproof compare base/.heapproof .heapproof', 'what grew and shrank, test by test'],
        ['heapproof compare base head --format markdown', 'for a comment on a pull request'],
        ['heapproof compare base head --fail-over 10%', 'fails when a test certainly grew by more'],
      ),
    )
    .action(async (base: string, head: string, options: TypedCompare) => {
      const { compareCommand } = await import('../compare.js')
      const { output, tooMuch } = compareCommand(base, head, options)
      process.stdout.write(output)
      if (tooMuch) endLike({ code: 2, signal: null })
    })
}
