import type { TypedPlot } from '../plot.js'
import type { CommandFile } from './command-file.js'
import { collect, examples } from './examples.js'

export const plot: CommandFile = (heapproof) => {
  heapproof
    .command('plot')
    .description('Draw live bytes over time, of all and of lines, as an SVG image.')
    .argument('<base>', 'path of the profile, without an extension')
    .option('-o, --output <path>', 'file to write, - for stdout (default: -)')
    .option(
      '--line <line>',
      'FILE:LINE or NAME=FILE:LINE, any number of times: bytes and share of it',
      collect,
    )
    .option('--self', 'of the lines only what they allocate themselves, without what they call')
    .option('--by <group>', 'domain or thread, in place of lines')
    .option('--json', 'write the numbers as JSON')
    .addHelpText(
      'after',
      examples(
        ['heapproof plot out -o plot.svg', 'what was live when'],
        [
          'heapproof plot out --line rows=src/parse.ts:7 --line src/cache.ts:14 -o plot.svg',
          'and how much of it is whose',
        ],
        ['heapproof plot out --by domain --json', 'numbers for a program of yours'],
      ),
    )
    .action(async (base: string, options: TypedPlot) => {
      const { plotCommand } = await import('../plot.js')
      await plotCommand(base, options)
    })
}
