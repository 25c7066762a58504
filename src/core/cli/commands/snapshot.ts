import type { TypedUpdate } from '../snapshot-update.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const snapshot: CommandFile = (heapproof) => {
  heapproof
    .command('snapshot')
    .description('Heap snapshots in git.')
    .addHelpText(
      'after',
      examples(['heapproof snapshot update --from-artifact heapproof-report', 'take over what CI measured']),
    )
    .command('update')
    .description('Put what a run in CI measured into the snapshots of the working tree.')
    .requiredOption('--from-artifact <dir>', 'directory with what the run left in .heapproof, or its shards')
    .option('--root <dir>', 'the project (default: the working directory)')
    .option('--dry-run', 'say what would change, and write nothing')
    .addHelpText(
      'after',
      examples(
        [
          'heapproof snapshot update --from-artifact heapproof-report --dry-run',
          'only say what would change',
        ],
        ['heapproof snapshot update --from-artifact heapproof-report', 'then git diff shows it'],
      ),
    )
    .action(async (options: TypedUpdate) => {
      const { snapshotUpdateCommand } = await import('../snapshot-update.js')
      process.stdout.write(snapshotUpdateCommand(options))
    })
}
