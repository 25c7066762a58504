import type { TypedFlame } from '../flame.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const flame: CommandFile = (heapproof) => {
  heapproof
    .command('flame')
    .description('Write a flame graph: as a page to look at, as collapsed stacks or for speedscope.')
    .argument('<base...>', 'paths of profiles, without an extension; several are taken as one')
    .option('-o, --output <path>', 'file to write, - for stdout (default: -)')
    .option(
      '-f, --format <format>',
      'html, speedscope or collapsed (default: html for .html, speedscope for .json, else collapsed)',
    )
    .option('--at <time>', 'seconds from the start, peak or end (default: end)')
    .option('--from <time>', 'seconds: only what was allocated after it')
    .option('--value <value>', 'live, allocated, retained or temporary')
    .option('--domain <domain>', 'heap, arrayBuffer or native only')
    .option('--all', 'with the profiles of worker threads and child processes')
    .addHelpText(
      'after',
      examples(
        ['heapproof flame out -o flame.html', 'all that was allocated, for any browser'],
        ['heapproof flame out -o out.speedscope.json', 'the same for www.speedscope.app'],
        ['heapproof flame out --at peak | flamegraph.pl > peak.svg', 'what was live when most was'],
        ['heapproof flame out --from 2 --at 5 --value temporary', 'what came and went in these seconds'],
      ),
    )
    .action(async (bases: string[], options: TypedFlame) => {
      const { flameCommand } = await import('../flame.js')
      await flameCommand(bases, options)
    })
}
