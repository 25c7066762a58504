import { HeapproofError } from '../errors.js'
import { tests } from '../measure/tests.js'
import { Attempt, type BracketAddon } from './attempt.js'
import { type Finding, judge, unknown } from './findings.js'
import type { LimitKind, Limits } from './limits.js'
import { type Kept, keepProfile, type Profiling } from './profiling.js'
import { bodyIsOver, messagesSettled } from './quiet.js'
import type { TestLine, TestRecord } from './record.js'
import { recordOf } from './record-of.js'
import { bracketState } from './state.js'

/** What a runner knows about one try of one test. */
export interface TestTry {
  /** What the runner calls the test: the same object for all its tries, another one for every other test. */
  readonly key: object
  /** Absolute path of the test file. */
  readonly file: string
  /** With the names of its groups. */
  readonly name: string
  /** Whether its body will be called through `aroundBody`. If not, all that the runner calls for it is measured. */
  readonly bodyIsKnown: boolean
  readonly limits: Limits
}

/** What the bracket needs to know about the run. */
export interface Bracket {
  readonly addon: BracketAddon
  /** Whether a test is to allocate the same in every run: see `steady` in the options. */
  readonly steady: boolean
  /** Undefined: tests are not recorded. */
  readonly profiling: Profiling | undefined
  readonly root: string
  readonly cwd: string
  /** What takes the options of tests, as its users write it: `heapproof()`. */
  readonly configuredBy: string
}

/** What came of a try. */
export interface TryResult {
  readonly record: TestRecord
  /** All lines of its recording, of which the record has the heaviest. */
  readonly lines: readonly TestLine[]
  /** The error for a broken limit. */
  readonly failure: HeapproofError | undefined
  readonly error: unknown
  readonly threw: boolean
  /**
   * For a test that was found to have failed when its body was over: keeps its profile, as long as no other test is
   * recorded, and gives the record with it. Undefined when there is nothing to keep.
   */
  keepLate(): Promise<TestRecord | undefined>
}

const WIDENED = 'the body could not be told from what the runner does around it'

/**
 * Runs one try of a test and says what its body allocated. `run` is what the runner does for it; its error is part of
 * the result, so that the caller hands it on.
 */
export async function runTry(test: TestTry, run: () => unknown, bracket: Bracket): Promise<TryResult> {
  await messagesSettled()
  if (bracket.steady) bracket.addon.postponeCollections()
  const attempt = new Attempt(bracket.addon, test.limits, bracket.profiling?.recorder)
  enter(test.key, attempt)
  let threw = false
  let error: unknown
  try {
    if (test.bodyIsKnown) await run()
    else {
      attempt.widened = WIDENED
      await attempt.callBody(run, undefined, [])
    }
  } catch (thrown) {
    threw = true
    error = thrown
  }
  const state = bracketState()
  if (attempt.body.state === 'running') attempt.leave()
  bodyIsOver()
  try {
    return { threw, error, ...(await outcome(test, attempt, threw, bracket)) }
  } finally {
    if (state.running.get(test.key) === attempt) state.running.delete(test.key)
    if (attempt.body.state !== 'left') state.active.delete(attempt)
  }
}

/**
 * Calls the body of a test, for a function that the runner calls in its place. `key` says which test it is.
 */
export function aroundBody(
  key: object | undefined,
  fn: (this: unknown, ...args: unknown[]) => unknown,
  self: unknown,
  args: unknown[],
): unknown {
  const { running } = bracketState()
  const attempt = key === undefined ? undefined : running.get(key)
  return attempt === undefined ? fn.apply(self, args) : attempt.callBody(fn, self, args)
}

function enter(key: object, attempt: Attempt): void {
  const { active, running } = bracketState()
  for (const other of active) {
    other.overlapped = true
    attempt.overlapped = true
  }
  active.add(attempt)
  tests().begun++
  running.set(key, attempt)
}

async function outcome(test: TestTry, attempt: Attempt, threw: boolean, bracket: Bracket) {
  await attempt.workersKnown()
  const findings = new Map<LimitKind, Finding>()
  findings.set('allocated', attempt.allocated())
  for (const [kind, finding] of [
    ['native', attempt.native()],
    ['peak', attempt.peak()],
    ['retained', await attempt.retained()],
  ] as const) {
    if (finding !== undefined) findings.set(kind, finding)
  }
  const judged = [...attempt.limits.values()].map((limit) =>
    judge(limit, findings.get(limit.kind) ?? unknown('its body was not seen')),
  )
  const failed = judged.filter(({ fails }) => fails)
  const kept: Kept = await keepProfile(bracket, test, attempt, threw || failed.length > 0)
  const record = recordOf(attempt, findings, judged, kept, bracket.root)
  const lines = kept.all
  const begun = bracket.profiling?.recorder.begun
  const keepLate = async () => {
    if (kept.profile !== undefined || begun !== bracket.profiling?.recorder.begun) return undefined
    const late = await keepProfile(bracket, test, attempt, true)
    return late.profile === undefined ? undefined : recordOf(attempt, findings, judged, late, bracket.root)
  }
  if (threw || failed.length === 0) return { record, lines, failure: undefined, keepLate }
  const { sentence } = await import('./sentence.js')
  const failure = new HeapproofError(
    'limit-exceeded',
    sentence({
      failed,
      record,
      profile: kept.profile,
      noLines: kept.noLines,
      root: bracket.root,
      cwd: bracket.cwd,
      configuredBy: bracket.configuredBy,
    }),
  )
  if (failed.some(({ limit }) => limit.own) && attempt.calledAt?.stack !== undefined) {
    // The place to show is the call of heapLimit, not a line of ours.
    const frames = attempt.calledAt.stack.split('\n').filter((line) => /^\s+at /.test(line))
    failure.stack = [`${failure.name}: ${failure.message}`, ...frames].join('\n')
  }
  return { record, lines, failure, keepLate }
}
