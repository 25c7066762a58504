import type { ReportedTest } from '../report/outcome.js'
import { checkOptions, type OptionRule } from '../text/options.js'
import { type Change, changesOf } from './changes.js'
import { changedLines, type LineChange } from './lines.js'
import { type Pair, pair } from './pair.js'
import { type RunTest, readRun } from './run.js'

/** Options of `compareRuns`. */
export interface CompareOptions {
  /** What is worth a word: a certain change that was measured as more than this part, 0 to 100. By default 0.1, which is 10 %. */
  readonly threshold?: number | undefined
}

/** A test, as a comparison names it. */
export interface ComparedTest {
  readonly project: string
  readonly file: string
  readonly name: string
  readonly line: number | undefined
  /** Where it ran, as far as its numbers depend on that. */
  readonly environment: string
}

/** A test that both runs have. */
export interface TestChange extends ComparedTest {
  /** The file it was in before, when that was another. */
  readonly movedFrom: string | undefined
  /** What both runs measured: `allocated`, and what else was asked for. */
  readonly changes: readonly Change[]
}

/** A test that only one of the runs has, and what it allocated there, in bytes. */
export interface LoneTest extends ComparedTest {
  readonly allocated: number | undefined
}

/** What became of the memory of a suite. */
export interface RunComparison {
  readonly base: string
  readonly head: string
  readonly threshold: number
  /** Bytes that the compared tests allocated together. */
  readonly allocated: { readonly base: number; readonly head: number }
  /** All tests that could be compared, the one that grew most first. */
  readonly tests: readonly TestChange[]
  /** Lines of the tests that changed by more than the threshold. */
  readonly lines: { readonly grew: readonly LineChange[]; readonly shrank: readonly LineChange[] }
  readonly added: readonly LoneTest[]
  readonly removed: readonly LoneTest[]
  /** Tests of both runs whose numbers cannot be compared, and why: a clause. */
  readonly incomparable: readonly (ComparedTest & { readonly reason: string })[]
}

const threshold: OptionRule = (value) =>
  typeof value === 'number' && value >= 0 && value <= 100 ? undefined : 'a number from 0 to 100, such as 0.1'

/**
 * Compares two runs of a test suite by their reports, which `heapproof/vitest` and `heapproof/jest` leave in
 * `.heapproof/report.json`: each path is such a file, or a directory with one or more of them in it or below it. Several of
 * one suite are its shards; several with the same tests are repetitions, which make a comparison sharper.
 *
 * Every number is taken with what it may be off by, so that two runs of the same code do not differ. docs/ci.md says by how
 * much, and how small changes are found.
 *
 * Cost: a walk through both directories, and time and memory in proportion to the tests and their lines.
 *
 * @throws HeapproofError `invalid-argument`; `report-not-found` when there is no report; `cannot-read`; `bad-report`.
 */
export function compareRuns(base: string, head: string, options: CompareOptions = {}): RunComparison {
  const { threshold: part = 0.1 } = checkOptions('compareRuns()', options, { threshold })
  const { pairs, added, removed, elsewhere } = pair(readRun(base), readRun(head))
  const tests: (TestChange & { readonly pair: Pair })[] = []
  const incomparable: RunComparison['incomparable'][number][] = []
  for (const each of pairs) {
    const changes = changesOf(each)
    const test = named(each.head)
    if (typeof changes === 'string') incomparable.push({ ...test, reason: changes })
    else tests.push({ ...test, movedFrom: movedFrom(each), changes, pair: each })
  }
  for (const { base: before, head: now } of elsewhere) {
    const reason = `before it ran in ${before.environment}; now in ${now.environment}`
    incomparable.push({ ...named(now), reason })
  }
  tests.sort((a, b) => greatest(b) - greatest(a) || grown(b) - grown(a))
  const changed = tests.filter(({ changes }) => changes.some((change) => isWorthAWord(change, part)))
  return {
    base,
    head,
    threshold: part,
    allocated: {
      base: tests.reduce((sum, { changes }) => sum + (allocatedOf(changes)?.base ?? 0), 0),
      head: tests.reduce((sum, { changes }) => sum + (allocatedOf(changes)?.head ?? 0), 0),
    },
    tests: tests.map(({ pair: _, ...test }) => test),
    lines: changedLines(changed.map(({ pair: each }) => each)),
    added: added.map(lone),
    removed: removed.map(lone),
    incomparable,
  }
}

/** Whether something certainly changed, and by more than this part of the less, as far as it was measured. */
export function isWorthAWord({ base, head, atLeast }: Change, part: number): boolean {
  return atLeast !== 0 && Math.abs(head - base) > part * Math.min(base, head)
}

function named({ environment, test: { project, file, name, line } }: RunTest): ComparedTest {
  return { project, file, name, line, environment }
}

function lone(test: RunTest): LoneTest {
  const known = test.measurements.filter(
    ({ record }) => record !== undefined && record.certainty !== 'unknown',
  )
  const allocated =
    known.length === 0 ? undefined : Math.min(...known.map(({ record }) => record?.allocated ?? 0))
  return { ...named(test), allocated }
}

function movedFrom({ base, head }: Pair): ReportedTest['file'] | undefined {
  return base.test.file === head.test.file ? undefined : base.test.file
}

function allocatedOf(changes: readonly Change[]): Change | undefined {
  return changes.find(({ quantity }) => quantity === 'allocated')
}

function greatest({ changes }: TestChange): number {
  return Math.max(...changes.map(({ atLeast }) => atLeast))
}

function grown({ changes }: TestChange): number {
  const change = allocatedOf(changes)
  return change === undefined ? 0 : change.head - change.base
}
