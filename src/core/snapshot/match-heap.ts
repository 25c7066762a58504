import { HeapproofError } from '../errors.js'
import { checkReceived, type MatcherContext, type MatcherResult, sentenceContext } from '../expect/matcher.js'
import { withNative } from '../expect/native-counting.js'
import { domainsOf } from '../expect/options.js'
import { drive, isThenable, type Job } from '../measure/drive.js'
import { exclusively } from '../measure/exclusive.js'
import { type Instruments, instruments } from '../measure/instruments.js'
import type { Measurement } from '../measure/measurement.js'
import { removeProfile } from '../measure/sample.js'
import { show } from '../text/show.js'
import { captureCalls, digestOfCalls, prepareCalls } from './capture.js'
import type { SnapshotContext } from './context.js'
import { type Decision, decide } from './decide.js'
import { checkHeapSnapshotOptions, type HeapSnapshotOptions, settingsFor } from './options.js'
import { StoredSnapshot } from './runner-state.js'
import { missingSentence, sentence } from './sentence.js'
import { settle } from './settle.js'
import type { HeapDigest } from './types.js'

/** How often a function is measured before its snapshot fails: what chance did once it hardly does again. */
const MOST_TRIES = 3

const FRAMES = 50

const FILED = 'toMatchHeapSnapshot'
const INLINE = 'toMatchInlineHeapSnapshot'

/**
 * The matcher: whether what one call of `received` allocates is what the snapshot says. A promise exactly when `received`
 * returns one. Calls it until it is hot, then some five times, and up to fifteen times before it fails.
 *
 * @param given a hint, options, or a hint and options
 * @throws HeapproofError `invalid-argument`, `overlap`; `damaged-snapshot` for a stored text that is none; `unsupported`
 *   outside of tests. What `received` throws comes through unchanged.
 */
export function matchHeapSnapshot(
  received: unknown,
  given: readonly unknown[],
  context: MatcherContext,
  tools?: Instruments,
): MatcherResult | Promise<MatcherResult> {
  const [first, second] = given
  const hint = typeof first === 'string' || first === undefined ? first : undefined
  const options = hint === undefined && first !== undefined ? first : second
  if (hint === undefined && first !== undefined && second !== undefined) {
    throw new HeapproofError(
      'invalid-argument',
      `${FILED}: expected a hint and then options, received ${show(first)} and ${show(second)}`,
    )
  }
  return matched(received, FILED, { hint, options, written: given }, context, tools)
}

/**
 * The same for a snapshot that stands in the source, in the last argument.
 *
 * @param given options, the text, or options and the text
 */
export function matchInlineHeapSnapshot(
  received: unknown,
  given: readonly unknown[],
  context: MatcherContext,
  tools?: Instruments,
): MatcherResult | Promise<MatcherResult> {
  const call = callHere()
  const [first, second] = given
  const [options, text] = typeof first === 'string' ? [undefined, first] : [first, second]
  if (
    (typeof first === 'string' && second !== undefined) ||
    (text !== undefined && typeof text !== 'string')
  ) {
    throw new HeapproofError(
      'invalid-argument',
      `${INLINE}: expected options and then a text, received ${show(first)} and ${show(second)}`,
    )
  }
  const refusal = context.snapshot?.inlineRefusal
  if (refusal !== undefined) throw new HeapproofError('unsupported', `${INLINE}: ${refusal}`)
  const written = options === undefined ? [] : [options]
  return matched(received, INLINE, { options, written, inline: { text, call } }, context, tools)
}

/** An error whose stack tells the runner where the call is: it must reach from here to the test. */
function callHere(): Error {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Math.max(limit ?? 0, FRAMES)
  const call = new Error(INLINE)
  Error.stackTraceLimit = limit
  return call
}

interface Asked {
  readonly hint?: string | undefined
  readonly options: unknown
  /** What is shown between the parentheses. */
  readonly written: readonly unknown[]
  readonly inline?: { readonly text: string | undefined; readonly call: Error }
}

function matched(
  received: unknown,
  name: string,
  { hint, options, written, inline }: Asked,
  context: MatcherContext,
  tools: Instruments = instruments(context.resolve),
): MatcherResult | Promise<MatcherResult> {
  if (context.isNot) {
    throw new HeapproofError('invalid-argument', `${name}: a snapshot says what is; there is no .not of it`)
  }
  checkReceived(name, received, context.promise)
  const checked = checkHeapSnapshotOptions(name, options as HeapSnapshotOptions | undefined)
  const asked = context.snapshot?.ask(hint)
  if (context.snapshot === undefined || asked === undefined) {
    throw new HeapproofError(
      'unsupported',
      `${name}: expected to be called in a test, whose snapshots are kept`,
    )
  }
  const snapshot = new StoredSnapshot({ ...asked, inline })
  snapshot.keep()
  const given = { snapshot, own: context.snapshot, options: checked }
  const tell = (told: Told): MatcherResult => {
    const { decision, measurement } = told
    const holds = settle(snapshot, decision, told.digest, told.own, context.root)
    if (holds && measurement.profile !== undefined) removeProfile(measurement.profile)
    const about = sentenceContext(name, written, context)
    const { comparison, block } = decision
    return {
      pass: holds,
      message: () =>
        comparison === undefined
          ? missingSentence(snapshot.key, block, about)
          : sentence(
              { key: snapshot.key, digest: told.digest, comparison, profile: measurement.profile },
              about,
            ),
    }
  }
  const told = drive(exclusively(name, judged(received, name, given, context, tools)))
  return isThenable(told) ? told.then(tell) : tell(told as Told)
}

/** Has a snapshot count as it is, where nothing can be measured: it must not be called obsolete. */
export function replayHeapSnapshot(given: readonly unknown[], { snapshot: own }: MatcherContext): void {
  const asked = own?.ask(typeof given[0] === 'string' ? given[0] : undefined)
  if (asked === undefined) return
  const snapshot = new StoredSnapshot(asked)
  if (snapshot.text !== undefined) snapshot.settle(snapshot.text)
}

interface Given {
  readonly snapshot: StoredSnapshot
  readonly own: SnapshotContext
  readonly options: HeapSnapshotOptions
}

interface Told {
  readonly decision: Decision
  readonly digest: HeapDigest
  readonly measurement: Measurement
  readonly own: SnapshotContext
}

function* judged(
  received: () => unknown,
  name: string,
  { snapshot, own, options }: Given,
  context: MatcherContext,
  tools: Instruments,
): Job<Told> {
  const settings = settingsFor(own.settings, options)
  const domains = domainsOf(options.domain)
  const what = `${name}: snapshot ${show(snapshot.key)}`
  const waits = yield* prepareCalls(received, options, tools)
  for (let tries = 1; ; tries++) {
    const measurement = yield* withNative(
      name,
      tools,
      domains,
      captureCalls(received, options, domains, tools, tries === MOST_TRIES ? context.keepAt : undefined),
    )
    const digest = digestOfCalls(measurement, waits, own.environment, context.root)
    const decision = decide(snapshot.text, digest, settings, what)
    const isDone = decision.outcome !== 'grew' && decision.outcome !== 'smaller'
    if (isDone || tries === MOST_TRIES) return { decision, digest, measurement, own: { ...own, settings } }
  }
}
