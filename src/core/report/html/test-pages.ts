import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeReport } from '../../page/write-report.js'
import type { SuiteSummary } from '../summarize.js'
import { findProfile } from './link.js'

/** Pages that one run makes, since each takes a part of a second; the index has the command for the others. */
const MOST_PAGES = 50

/**
 * Writes the report page of each profile that was kept, beside it: of failed tests first, then of those that allocated
 * most. One that is younger than its profile stays as it is.
 *
 * @returns a sentence on each that cannot be written.
 */
export function writeTestPages({ measured }: SuiteSummary, root: string): string[] {
  const home = join(root, '.heapproof')
  const kept = measured.filter(
    ({ record: { profile } }) => profile !== undefined && findProfile(profile, root, home).fileBase,
  )
  const problems: string[] = []
  const failed = kept.filter(({ state }) => state === 'failed')
  for (const { name, record } of [...new Set([...failed, ...kept])].slice(0, MOST_PAGES)) {
    const fileBase = resolve(root, record.profile as string)
    const path = `${fileBase}.html`
    if (isYounger(path, `${fileBase}.hpd`)) continue
    try {
      writeReport(path, fileBase, { title: name, root, sourceRoot: root })
    } catch (error) {
      problems.push(`heapproof: no report page of the test ${name}: ${(error as Error).message}`)
    }
  }
  return problems
}

function isYounger(page: string, profile: string): boolean {
  return (
    existsSync(page) && statSync(page).mtimeMs >= (statSync(profile, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  )
}
