import type { TypedMerge } from '../merge.js'
import type { CommandFile } from './command-file.js'

export const merge: CommandFile = (heapproof, { endLike }) => {
  heapproof
    .command('merge')
    .description('Write several profiles as one profile.')
    .argument('<base...>', 'paths of profiles, without an extension')
    .option('-o, --output <base>', 'path of the merged profile, without an extension')
    .option('--all', 'with the profiles of worker threads and child processes')
    .action(async (bases: string[], options: TypedMerge) => {
      const { mergeCommand } = await import('../merge.js')
      const signal = await mergeCommand(bases, options)
      if (signal !== undefined) endLike({ code: null, signal })
    })
}
