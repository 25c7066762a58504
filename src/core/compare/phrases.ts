import { bytes as size } from '../report/phrases.js'
import { formatExactSize, groupDigits } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import { printable } from '../text/printable.js'
import type { Change } from './changes.js'
import {
  type ComparedTest,
  isWorthAWord,
  type LoneTest,
  type RunComparison,
  type TestChange,
} from './compare-runs.js'

// Every word that both the text and the Markdown say. Names are other people's: each form makes them harmless.

/** A quantity of a test that changed. */
export interface Row {
  readonly test: TestChange
  readonly change: Change
}

/** What there is to say about a comparison, the most important first. */
export interface Rows {
  /** Those that grew by more than what was allowed, when something was. */
  readonly tooMuch: readonly Row[]
  readonly grew: readonly Row[]
  readonly shrank: readonly Row[]
  /** Those that were measured to differ, and by chance may do so. */
  readonly perhaps: readonly Row[]
}

/** Less is not worth a word that begins with perhaps: an assertion more takes as much. */
const SLIGHT = 16 * 1024

/** Sorts out the quantities that changed by more than the threshold. */
export function rowsOf({ tests, threshold }: RunComparison, failOver = Number.POSITIVE_INFINITY): Rows {
  const rows = tests.flatMap((test) => test.changes.map((change) => ({ test, change })))
  const growth = ({ change }: Row) => change.head - change.base
  const some = (wanted: (change: Change) => boolean) =>
    rows.filter(({ change }) => wanted(change)).sort((a, b) => Math.abs(growth(b)) - Math.abs(growth(a)))
  const isTooMuch = (change: Change) => change.atLeast > failOver
  const listed = (change: Change) => isWorthAWord(change, threshold) && !isTooMuch(change)
  return {
    tooMuch: some(isTooMuch),
    grew: some((change) => listed(change) && change.atLeast > 0),
    shrank: some((change) => listed(change) && change.atLeast < 0),
    perhaps: some(({ base, head, atLeast }) => {
      const difference = Math.abs(head - base)
      return atLeast === 0 && difference > threshold * Math.min(base, head) && difference > SLIGHT
    }),
  }
}

/** `2 tests grew by more than 10 %, 1 shrank`, `No test grew or shrank by more than 10 %`. */
export function headline({ tests, threshold }: RunComparison, { tooMuch, grew, shrank }: Rows): string {
  if (tests.length === 0) return 'No test could be compared'
  const testsIn = (rows: readonly Row[]) => new Set(rows.map(({ test }) => test)).size
  const up = testsIn([...tooMuch, ...grew])
  const down = testsIn(shrank)
  const beyond = ` by more than ${percent(threshold)}`
  if (up + down === 0) return `No test grew or shrank${beyond}`
  if (up === 0) return `${plural(down, 'test')} shrank${beyond}`
  return `${plural(up, 'test')} grew${beyond}${down === 0 ? '' : `, ${groupDigits(down)} shrank`}`
}

/** `214 tests compared: 492 MB, before 480 MB (+2.5 %). 2 new, 1 removed, 3 not comparable.` */
export function sums({ tests, allocated, added, removed, incomparable }: RunComparison): string {
  const { base, head } = allocated
  const compared =
    tests.length === 0
      ? ''
      : `${plural(tests.length, 'test')} compared: ${size(head)}, before ${size(base)} (${difference(base, head)}). `
  const others = [
    added.length > 0 && `${groupDigits(added.length)} new`,
    removed.length > 0 && `${groupDigits(removed.length)} removed`,
    incomparable.length > 0 && `${groupDigits(incomparable.length)} not comparable`,
  ].filter((part) => part !== false)
  return `${compared}${others.length === 0 ? '' : `${others.join(', ')}.`}`.trimEnd()
}

/** Why tests could not be compared: reasons and how many have each, the most frequent first. */
export function reasons({ incomparable }: RunComparison): { reason: string; tests: number }[] {
  const counts = new Map<string, number>()
  for (const { reason } of incomparable) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, tests]) => ({ reason, tests })).sort((a, b) => b.tests - a.tests)
}

/** What the table of those that perhaps changed says about itself. */
export const PERHAPS_NOTE =
  'the same code may differ as much from run to run; runs without optimising compilers, or several of each, tell'
/** What lines are. */
export const LINES_NOTE = 'of the tests above, estimated from samples'

/** `+37 %`, `-4.2 %`, `×12`. */
export function difference(base: number, head: number): string {
  if (base === head) return '±0 %'
  if (base === 0 || head / base >= 10) return base === 0 ? 'from 0' : `×${three(head / base)}`
  return `${head > base ? '+' : '-'}${three(100 * Math.abs(head / base - 1))} %`
}

/** What is certain of a change: `+29 %`. */
export function certain({ atLeast }: Change): string {
  return difference(1, 1 + atLeast)
}

/** The sizes of a change, with every byte where three digits would make them look the same. */
export function sizes({ base, head }: Pick<Change, 'base' | 'head'>): { base: string; head: string } {
  const format = size(base) === size(head) && base !== head ? formatExactSize : size
  return { base: format(base), head: format(head) }
}

/** `test/feed.test.ts:12`, behind its project, and with where it was when it was moved. */
export function placeOf(test: ComparedTest & { readonly movedFrom?: string | undefined }): string {
  const { project, file, line, movedFrom } = test
  const place = line === undefined ? file : `${file}:${line}`
  const moved = movedFrom === undefined ? '' : ` (was ${movedFrom})`
  return printable(`${project === '' ? '' : `[${project}] `}${place}${moved}`)
}

/** What a test allocated that only one of the runs has. */
export function loneSize({ allocated }: LoneTest): string {
  return allocated === undefined ? '?' : size(allocated)
}

export function percent(part: number): string {
  return `${three(100 * part)} %`
}

function three(value: number): string {
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)))
}
