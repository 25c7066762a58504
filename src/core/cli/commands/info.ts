import type { TypedInfo } from '../info.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const info: CommandFile = (heapproof) => {
  heapproof
    .command('info')
    .description(
      'Print what a profile holds: of which program, how it was recorded, how much there is of what.',
    )
    .argument('<base>', 'path of the profile, without an extension')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      examples(['heapproof info out', ''], ['heapproof info out --json', 'for a program of yours']),
    )
    .action(async (base: string, options: TypedInfo) => {
      const { info } = await import('../info.js')
      process.stdout.write(info(base, options))
    })
}
