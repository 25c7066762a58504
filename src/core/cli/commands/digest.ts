import type { TypedDigest } from '../digest.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const digest: CommandFile = (heapproof) => {
  heapproof
    .command('digest')
    .description('Write BASE.hpc, with which what was live when is found at once.')
    .argument('<base>', 'path of the profile, without an extension')
    .option('--interval <time>', 'between snapshots, such as 0.5s or 20ms (default: from the duration)')
    .option('--precision <part>', 'of the bytes, 0 to less than 1, that the smallest stacks may be left with')
    .addHelpText(
      'after',
      examples(['heapproof digest out --interval 0.5s', 'what was live every half second']),
    )
    .action(async (base: string, options: TypedDigest) => {
      const { digestCommand } = await import('../digest.js')
      await digestCommand(base, options)
    })
}
