import { boolean, checkOptions, integer, type OptionRule, text } from '../text/options.js'

/** What is reported when a run is over, and where. */
export interface ReportOptions {
  /** Rows of each table in the terminal, 0 to 20; there may be less, a screen is not more than 24 lines. 5 by default. */
  readonly top?: number
  /**
   * Path of a JSON file with all that was measured, from the root of the project; `false` for none. By default
   * `.heapproof/report.json`, which `heapproof compare` and `heapproof merge` read.
   */
  readonly json?: string | false
  /** Whether to write the page `.heapproof/index.html`. True by default. */
  readonly html?: boolean
  /** Whether to write annotations and a summary when the run is a job of GitHub Actions. True by default. */
  readonly github?: boolean
}

const textOrFalse: OptionRule = (value) =>
  value === false || text(value) === undefined ? undefined : 'the path of a file, or false'

/** For the table of a runner's options. What the object holds is checked by `checkReportOptions`. */
export const reportRule: OptionRule = (value) =>
  value === false || (typeof value === 'object' && value !== null)
    ? undefined
    : 'false or an object with options'

/**
 * The options of the report, or undefined when there shall be none. `what` names them in errors.
 *
 * @throws HeapproofError `invalid-argument` for an option it does not know or a value it does not take.
 */
export function checkReportOptions(
  what: string,
  given: false | ReportOptions | undefined,
): ReportOptions | undefined {
  if (given === false) return undefined
  return checkOptions(what, given, {
    top: integer(0, 20),
    json: textOrFalse,
    html: boolean,
    github: boolean,
  })
}
