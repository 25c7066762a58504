import type { TopOptions } from '../top.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const top: CommandFile = (heapproof) => {
  heapproof
    .command('top')
    .description('Print the lines that allocated most.')
    .argument('<base>', 'path of the profile, without an extension')
    .option('-n <count>', 'number of lines, 0 for all (default: 20)')
    .option('--json', 'print every line as JSON')
    .addHelpText(
      'after',
      examples(
        ['heapproof top out -n 50', ''],
        ['heapproof top out --json', 'every line, for a program of yours'],
      ),
    )
    .action(async (base: string, options: TopOptions) => {
      const { top } = await import('../top.js')
      process.stdout.write(top(base, options))
    })
}
