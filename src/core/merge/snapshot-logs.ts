import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LOGS } from '../snapshot/log-path.js'
import type { ProfileSource } from './move-profile.js'

/**
 * Puts what runs measured for their snapshots into the folder `out`, in the order of the runs: where two of them know the
 * same test file its lines follow one another, and the last line of a snapshot counts.
 *
 * @throws what the file system says.
 */
export function joinSnapshotLogs(runs: readonly ProfileSource[], out: string): void {
  const target = join(out, LOGS)
  rmSync(target, { recursive: true, force: true })
  const homes = new Set(
    runs.flatMap(({ report, source }) => [dirname(report.path), join(source, '.heapproof'), source]),
  )
  for (const home of homes) {
    const logs = join(home, LOGS)
    if (!existsSync(logs)) continue
    for (const file of (readdirSync(logs, { recursive: true }) as string[]).sort()) {
      if (!file.endsWith('.jsonl')) continue
      const to = join(target, file)
      mkdirSync(dirname(to), { recursive: true })
      appendFileSync(to, readFileSync(join(logs, file)))
    }
  }
}
