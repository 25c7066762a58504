import { printable } from '../text/printable.js'
import { readLogs } from './read-log.js'

const MOST_TOLD = 10

/**
 * What a report says about the snapshots of a run: which allocate less than is stored, so that they can be updated. No lines
 * when there are none.
 *
 * @param home the `.heapproof` folder
 * @param testFiles those that ran, relative to the root: logs of others are of another run
 * @throws HeapproofError as `readLogs`
 */
export function snapshotNotes(home: string, testFiles: ReadonlySet<string>): string[] {
  const smaller = readLogs(home).filter(
    ({ outcome, testFile }) => outcome === 'smaller' && testFiles.has(testFile),
  )
  if (smaller.length === 0) return []
  const head =
    smaller.length === 1
      ? '1 heap snapshot is smaller than stored: update it with -u, so that it stays so'
      : `${smaller.length} heap snapshots are smaller than stored: update them with -u, so that they stay so`
  const rows = smaller
    .slice(0, MOST_TOLD)
    .map(({ testFile, key }) => `     ${printable(testFile)}  ${printable(key)}`)
  const more = smaller.length > MOST_TOLD ? [`     ... ${smaller.length - MOST_TOLD} more`] : []
  return [` heapproof: ${head}`, ...rows, ...more]
}
