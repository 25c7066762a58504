import type { TypedFlow } from '../flow.js'
import type { CommandFile } from './command-file.js'
import { collect, examples } from './examples.js'

export const flow: CommandFile = (heapproof) => {
  heapproof
    .command('flow')
    .description('Draw which line calls which, and how many bytes go along, for Graphviz or as an SVG image.')
    .argument('<base...>', 'paths of profiles, without an extension; several are taken as one')
    .option('-o, --output <path>', 'file to write, - for stdout (default: -)')
    .option('-f, --format <format>', 'dot or svg (default: svg for a file that ends so, else dot)')
    .option('--at <time>', 'seconds from the start, peak or end; several times are compared', collect)
    .option('--from <time>', 'seconds: only what was allocated after it')
    .option('--value <value>', 'live, allocated, retained or temporary')
    .option('--domain <domain>', 'heap, arrayBuffer or native only')
    .option('--all', 'with the profiles of worker threads and child processes')
    .option('--smallest-node <percent>', 'lines with less are left out (default: 1%)')
    .option('--smallest-edge <percent>', 'calls with less are left out (default: 1%)')
    .option('--no-collapse', 'give each line a box of its own')
    .option('--no-sizes', 'write all boxes in letters of one size')
    .option('--json', 'write the numbers as JSON')
    .addHelpText(
      'after',
      examples(
        ['heapproof flow out -o flow.dot && dot -Tsvg -o flow.svg flow.dot', 'with Graphviz'],
        ['heapproof flow out -o flow.svg', 'with npm install --save-dev @viz-js/viz'],
        ['heapproof flow out --at 10 --at 60 -o growth.svg', 'two times side by side'],
        ['heapproof flow out --value temporary', 'what was allocated and freed again'],
      ),
    )
    .action(async (bases: string[], options: TypedFlow) => {
      const { flowCommand } = await import('../flow.js')
      await flowCommand(bases, options)
    })
}
