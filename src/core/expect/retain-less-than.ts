import { drive, type Job } from '../measure/drive.js'
import { exclusively } from '../measure/exclusive.js'
import { type Instruments, instruments } from '../measure/instruments.js'
import { growthOf } from '../measure/retained/growth.js'
import { type Retained, retained } from '../measure/retained/retained.js'
import { removeProfile } from '../measure/sample.js'
import type { ParsedSize, Size } from '../text/bytes.js'
import { DOMAINS, type Domain } from '../types.js'
import { type Evidence, evidence } from './evidence.js'
import { ignoring, type Remaining, remaining } from './ignore.js'
import {
  checkReceived,
  type MatcherContext,
  type MatcherResult,
  parseLimit,
  sentenceContext,
} from './matcher.js'
import { checkResolution, checkRetainOptions, domainsOf, type RetainOptions } from './options.js'
import { retainSentence } from './retain-sentence.js'
import { FINER, MOST_SAMPLED_RUNS, sideOf } from './without-ignored.js'

const NAME = 'toRetainLessThan'
const WARM_UP = 3
const ROUNDS = 8

/**
 * The matcher: whether a call of `received` leaves less than `limit` behind that is still reachable. See `retained` for
 * the number of calls and `growthVerdict` for the rule. Each collection takes 10 to 40 ms on the heap of a test runner's
 * worker; five of them tell that nothing stays.
 *
 * When it cannot be told, the assertion fails, with `.not` as well, and says so.
 *
 * @throws (as a rejection) HeapproofError `invalid-argument`, `invalid-size`, `overlap`, `unsupported`. What `received`
 *   throws comes through unchanged.
 */
export async function retainLessThan(
  received: unknown,
  limit: Size,
  options: RetainOptions | undefined,
  context: MatcherContext,
  tools: Instruments = instruments(context.resolve),
): Promise<MatcherResult> {
  checkReceived(NAME, received, context.promise)
  const parsed = parseLimit(NAME, limit, 'retain', 'a limit of 1 byte demands that it retains nothing')
  const given = checkRetainOptions(NAME, options)
  if (given.ignore !== undefined) checkResolution(NAME, parsed.bytes, given.samplingInterval)
  const domains = domainsOf(given.domain)
  const job = withLiveNative(tools, domains, judged(received, parsed, given, domains, context, tools))
  const { pass, ...told } = await drive(exclusively(NAME, job))
  return {
    pass,
    message: () => retainSentence(told, parsed, sentenceContext(NAME, [limit], context)),
  }
}

/** What the sentence tells. */
export interface RetainTold {
  readonly found: Retained
  readonly shown: Evidence & { readonly calls: number }
  /** What is left without the lines that were to be ignored, a call. */
  readonly remaining?: Remaining
}

/** Samples among what is live at the end: 2 % standard error. */
const LIVE_SAMPLES = 2000
/** Samples of all: what is retained may be little of what is allocated. */
const MOST_SAMPLES = 300_000
const [MIN_INTERVAL, MAX_INTERVAL] = [16, 512 * 1024]

function* judged(
  fn: () => unknown,
  limit: ParsedSize,
  options: RetainOptions,
  domains: readonly Domain[],
  { isNot, keepAt, root }: MatcherContext,
  tools: Instruments,
): Job<RetainTold & { pass: boolean }> {
  const { warmup = WARM_UP, rounds = ROUNDS, runs } = options
  const found = yield* retained(tools, fn, { limit: limit.bytes, domains, warmup, rounds, runs })
  const { verdict, series } = found
  const { calls } = series
  const pass = verdict === 'kept' || (verdict === 'unclear' && isNot)
  const { ignore } = options
  const wanted = verdict === 'exceeded' && (ignore !== undefined || (!isNot && options.sample !== false))
  if (!wanted) return { pass, found, shown: { calls } }
  if (domains.includes('native')) tools.liveNative.end() // there can be one recording only
  const grown = perCallOf(found)
  const total = calls * DOMAINS.reduce((sum, domain) => sum + grown[domain], 0)
  const interval = Math.max(MIN_INTERVAL, total / LIVE_SAMPLES, (series.allocated * calls) / MOST_SAMPLES)
  let samplingInterval = options.samplingInterval ?? Math.floor(Math.min(MAX_INTERVAL, interval))
  let fileBase: string | undefined
  const keepAll = keepAt && (() => (fileBase ??= keepAt()))
  const isIgnored = ignore === undefined ? () => false : ignoring(ignore, root)
  let shown: Evidence
  let left: Remaining | undefined
  let side: ReturnType<typeof sideOf>
  for (let run = 1; ; run++) {
    shown = yield* evidence(tools, fn, keepAll, { samplingInterval, domains, calls, settle: true })
    if (ignore === undefined || shown.sampled === undefined) break
    left = remaining(grown, shown.sampled.sites, isIgnored, 'live')
    side = sideOf(left, limit.bytes)
    if (side !== undefined || run === MOST_SAMPLED_RUNS || samplingInterval === 1) break
    samplingInterval = Math.max(1, Math.floor(samplingInterval / FINER))
  }
  if (domains.includes('native')) tools.liveNative.begin()
  if (left === undefined || shown.sampled === undefined) {
    // Which lines it was is not known: with some to be ignored, nobody can tell.
    return { pass: ignore === undefined ? pass : isNot, found, shown: { ...shown, calls } }
  }
  // Within the error neither the assertion nor its opposite fails.
  const over = side === 'over' || (side === undefined && isNot)
  if (over === isNot && shown.sampled.profile !== undefined) removeProfile(shown.sampled.profile)
  const sites = shown.sampled.sites.filter((site) => !isIgnored(site))
  return { pass: !over, found, shown: { sampled: { ...shown.sampled, sites }, calls }, remaining: left }
}

/** Growth of each domain, bytes a call. */
function perCallOf({ series }: Retained): Record<Domain, number> {
  const of = (domain: Domain) => Math.max(0, growthOf(series.perCallOf[domain]).slope)
  return { heap: of('heap'), arrayBuffer: of('arrayBuffer'), native: of('native') }
}

function* withLiveNative<T>(tools: Instruments, domains: readonly Domain[], job: Job<T>): Job<T> {
  if (!domains.includes('native')) return yield* job
  tools.liveNative.begin()
  try {
    return yield* job
  } finally {
    tools.liveNative.end()
  }
}
