import { PEAK, PEAK_NUMBERS } from '../addon.js'
import { begin, drive, isThenable, type Job } from '../measure/drive.js'
import { exclusively } from '../measure/exclusive.js'
import { type Instruments, instruments } from '../measure/instruments.js'
import { type PeakVerdict, peak } from '../measure/peak/peak.js'
import { USUAL_DOMAINS } from '../measure/reading.js'
import { intervalFor } from '../measure/sample.js'
import type { ParsedSize, Size } from '../text/bytes.js'
import { type Evidence, evidence } from './evidence.js'
import {
  checkReceived,
  type MatcherContext,
  type MatcherResult,
  parseLimit,
  sentenceContext,
} from './matcher.js'
import { checkPeakOptions, type PeakOptions } from './options.js'
import { peakSentence } from './peak-sentence.js'

const NAME = 'toPeakBelow'
const WARM_UP = 1

/**
 * The matcher: whether what is reachable at once during a call of `received`, beyond what was reachable before, stays below
 * `limit`. See `peak` for how that is found out, in one to three calls. A promise exactly when `received` returns one.
 *
 * When it cannot be told, the assertion fails, with `.not` as well, and says so.
 *
 * @throws HeapproofError `invalid-argument`, `invalid-size` or `overlap`. What `received` throws comes through unchanged.
 */
export function peakBelow(
  received: unknown,
  limit: Size,
  options: PeakOptions | undefined,
  context: MatcherContext,
  tools: Instruments = instruments(context.resolve),
): MatcherResult | Promise<MatcherResult> {
  checkReceived(NAME, received, context.promise)
  const parsed = parseLimit(NAME, limit, 'hold', 'the least limit is 1 byte')
  const given = checkPeakOptions(NAME, options)
  const result = drive(exclusively(NAME, judged(received, parsed, given, context, tools)))
  const tell = ({ pass, found, shown }: Judged): MatcherResult => ({
    pass,
    message: () => peakSentence(found, parsed, shown, sentenceContext(NAME, [limit], context)),
  })
  return isThenable(result) ? result.then(tell) : tell(result as Judged)
}

interface Judged {
  readonly pass: boolean
  readonly found: PeakVerdict
  readonly shown: Evidence
}

function* judged(
  fn: () => unknown,
  limit: ParsedSize,
  options: PeakOptions,
  { isNot, keepAt }: MatcherContext,
  tools: Instruments,
): Job<Judged> {
  const found = yield* peak(tools, fn, { limit: limit.bytes, warmup: options.warmup ?? WARM_UP })
  const { verdict, watched } = found
  const pass = verdict === 'below' || (verdict === 'unclear' && isNot)
  if (verdict !== 'over' || isNot || options.sample === false) return { pass, found, shown: {} }
  const seen = new Float64Array(PEAK_NUMBERS)
  const mostCollections = 2 * watched.collections + 1
  const shown = yield* evidence(
    tools,
    () => watching(tools, fn, watched.step, mostCollections, seen),
    keepAt,
    {
      samplingInterval: options.samplingInterval ?? intervalFor(watched.upper),
      domains: USUAL_DOMAINS,
      readSites: (fileBase) => tools.sitesAt(fileBase, seen[PEAK.seconds] as number),
    },
  )
  return { pass, found, shown }
}

/** A call in which the heap is collected at the same steps: what is recorded as live then was reachable. */
function watching(
  tools: Instruments,
  fn: () => unknown,
  step: number,
  mostCollections: number,
  seen: Float64Array,
): PromiseLike<unknown> | undefined {
  tools.counting.collectGarbage()
  if (tools.startPeak(step, mostCollections) !== undefined) return begin(fn)
  let pending: PromiseLike<unknown> | undefined
  try {
    pending = begin(fn)
  } finally {
    if (pending === undefined) tools.stopPeak(seen)
  }
  const ended = () => tools.stopPeak(seen)
  return pending?.then(ended, (error: unknown) => {
    ended()
    throw error
  })
}
