import { constants, copyFileSync, existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isInside } from '../report/inside.js'
import type { ReportedTest } from '../report/outcome.js'

const EXTENSIONS = ['hpm', 'hpd', 'hpc', 'html']
const HOME = '.heapproof'

/** Where a test's report was found. */
export interface ProfileSource {
  readonly report: { readonly path: string }
  /** The directory that was named; nothing outside of it is read. */
  readonly source: string
}

/**
 * The test, with its profile copied into the folder `out` and named relative to the folder around that; without a profile
 * when its files are not there. Its path comes from a report, and perhaps from somebody else's machine.
 *
 * @throws what the file system says.
 */
export function moveProfile(
  test: ReportedTest,
  { report, source }: ProfileSource,
  out: string,
): ReportedTest {
  const { record } = test
  if (record?.profile === undefined) return test
  const parts = record.profile.split('/')
  const from = parts.includes('..') ? undefined : findFiles(parts, dirname(report.path), source)
  if (from === undefined) return { ...test, record: { ...record, profile: undefined } }
  const inHome = parts.filter((part) => part !== HOME && part !== '' && part !== '.')
  const to = join(out, ...inHome)
  mkdirSync(dirname(to), { recursive: true })
  for (const extension of EXTENSIONS) {
    const file = `${from}.${extension}`
    if (isFileIn(source, file)) copyFileSync(file, `${to}.${extension}`, constants.COPYFILE_FICLONE)
  }
  return { ...test, record: { ...record, profile: [basename(resolve(out)), ...inHome].join('/') } }
}

/**
 * Looks for a profile where an upload may have put it: below the folder of the project, or below its `.heapproof` when that
 * was uploaded by itself.
 */
function findFiles(parts: readonly string[], reportFolder: string, source: string): string | undefined {
  const afterHome = parts.slice(parts.lastIndexOf(HOME) + 1)
  const candidates = [
    join(dirname(reportFolder), ...parts),
    join(source, ...parts),
    join(reportFolder, ...afterHome),
    join(source, ...afterHome),
  ]
  return candidates.find((base) => isFileIn(source, `${base}.hpm`))
}

/** A link may lead anywhere. */
function isFileIn(folder: string, file: string): boolean {
  if (!existsSync(file) || !lstatSync(file).isFile()) return false
  return isInside(realpathSync(folder), realpathSync(file))
}
