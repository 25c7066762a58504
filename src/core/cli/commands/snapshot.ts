import type { TypedUpdate } from '../snapshot-update.js'
import type { CommandFile } from './command-file.js'

export const snapshot: CommandFile = (heapproof) => {
  heapproof
    .command('snapshot')
    .description('Heap snapshots in git.')
    .command('update')
    .description('Put what a run in CI measured into the snapshots of the working tree.')
    .requiredOption('--from-artifact <dir>', 'directory with what the run left in .heapproof, or its shards')
    .option('--root <dir>', 'the project (default: the working directory)')
    .option('--dry-run', 'say what would change, and write nothing')
    .action(async (options: TypedUpdate) => {
      const { snapshotUpdateCommand } = await import('../snapshot-update.js')
      process.stdout.write(snapshotUpdateCommand(options))
    })
}
