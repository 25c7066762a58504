import type { TypedMerge } from '../merge.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const merge: CommandFile = (heapproof, { endLike }) => {
  heapproof
    .command('merge')
    .description(
      'Write several profiles as one, or join what the shards of a test run left in several directories.',
    )
    .argument('<path...>', 'profiles, without an extension; or directories of runs')
    .option(
      '-o, --output <base>',
      'path of the merged profile, without an extension; or directory of the merged run',
    )
    .option('--all', 'with the profiles of worker threads and child processes')
    .addHelpText(
      'after',
      examples(['heapproof merge out --all -o whole', 'a program, its threads and its child processes']),
    )
    .action(async (bases: string[], options: TypedMerge) => {
      const { mergeCommand, mergeRunsCommand } = await import('../merge.js')
      if (await mergeRunsCommand(bases, options)) return
      const signal = await mergeCommand(bases, options)
      if (signal !== undefined) endLike({ code: null, signal })
    })
}
