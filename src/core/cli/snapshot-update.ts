import { type UpdatedSnapshot, updateSnapshots } from '../snapshot-files/update-snapshots.js'
import { groupDigits } from '../text/bytes.js'
import { printable } from '../text/printable.js'
import { say } from './inputs.js'

/** Options of `heapproof snapshot update`, as they were typed. */
export interface TypedUpdate {
  readonly fromArtifact: string
  readonly root?: string
  readonly dryRun?: boolean
}

/** Skipped ones that are named; the others are counted. */
const NAMED = 20

/** Updates the snapshots, and answers what is to be printed: a line for each one that changed, and a sum. */
export function snapshotUpdateCommand({ fromArtifact, root, dryRun = false }: TypedUpdate): string {
  const all = updateSnapshots(fromArtifact, { root, dryRun })
  const of = (outcome: UpdatedSnapshot['outcome']) => all.filter((each) => each.outcome === outcome)
  const skipped = of('skipped')
  for (const { file, key, reason } of skipped.slice(0, NAMED)) {
    say(printable(`${file}: ${key}: not updated: ${reason}`))
  }
  if (skipped.length > NAMED) say(`and ${groupDigits(skipped.length - NAMED)} more were not updated`)
  const lines = (['updated', 'added'] as const).flatMap((outcome) =>
    of(outcome).map(({ file, key }) => `${outcome}  ${printable(file)}  ${printable(key)}`),
  )
  const counts = (['updated', 'added', 'unchanged', 'skipped'] as const)
    .map((outcome) => `${groupDigits(of(outcome).length)} ${outcome}`)
    .join(', ')
  return `${[...lines, `${dryRun ? 'Would be: ' : 'Snapshots: '}${counts}`].join('\n')}\n`
}
