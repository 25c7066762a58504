import type { DigestProgress } from '../digest/steps.js'
import { HeapproofError } from '../errors.js'
import { Reader, read } from '../reader.js'
import { replaceFile } from '../report/replace-file.js'
import { checkOptions, type OptionRule, text } from '../text/options.js'
import { show } from '../text/show.js'
import { reportPage } from './report-page.js'

/** What goes into a report page besides the profile. */
export interface ReportPageOptions {
  /** Another profile: the page shows what grew and what shrank from that one to the first. */
  readonly against?: string | Reader | undefined
  /** A folder. Lines of the source files under it are shown, as they are now. Without it, none are. */
  readonly sourceRoot?: string | undefined
  /** Paths under this folder are shown relative to it. Default: the working folder. */
  readonly root?: string | undefined
  /** What the page is called. Default: the name of the profile. */
  readonly title?: string | undefined
  /** Called some times a second while events are gone through; `bytes` are those of all walks through the file. */
  readonly onProgress?: ((progress: DigestProgress) => void) | undefined
}

const RULES: Record<keyof ReportPageOptions, OptionRule> = {
  against: (value) =>
    value instanceof Reader ? undefined : text(value) && 'a Reader or the path of a profile',
  sourceRoot: text,
  root: text,
  title: text,
  onProgress: (value) => (typeof value === 'function' ? undefined : 'a function'),
}

/**
 * Writes a profile as a page to look at: one HTML file that needs nothing but a browser, with the numbers, live bytes over
 * time, a flame graph, a table of lines and a flow graph of any span. What was there is replaced when the page is whole.
 *
 *     writeReport('report.html', 'heapproof')
 *
 * Cost: some walks through all events, a second or so for a million; memory grows with the number of stacks and, up to a
 * limit, with that of samples.
 *
 * @throws HeapproofError `invalid-argument`, `cannot-write`; what `read()` throws; `damaged-profile`.
 */
export function writeReport(path: string, profile: string | Reader, options?: ReportPageOptions): void {
  if (typeof path !== 'string' || path === '') {
    throw refused(`writeReport: path must be the path of a file, received ${show(path)}`)
  }
  const checked = checkOptions('writeReport', options, RULES)
  if (!(profile instanceof Reader || typeof profile === 'string')) {
    throw refused(`writeReport: expected a Reader or the path of a profile, received ${show(profile)}`)
  }
  const opened: Reader[] = []
  const open = (given: string | Reader): Reader => {
    if (given instanceof Reader) return given
    const reader = read(given)
    opened.push(reader)
    return reader
  }
  let page: string
  try {
    const reader = open(profile)
    const against = checked.against === undefined ? undefined : open(checked.against)
    page = reportPage(reader, { ...checked, against })
  } finally {
    for (const reader of opened) reader.close()
  }
  try {
    replaceFile(path, page)
  } catch (error) {
    throw new HeapproofError('cannot-write', `${path}: cannot be written: ${(error as Error).message}`)
  }
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}
