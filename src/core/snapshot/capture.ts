import type { TestLine } from '../bracket/record.js'
import type { TryResult } from '../bracket/run-try.js'
import { evidence } from '../expect/evidence.js'
import { chooseReading } from '../measure/choose.js'
import { countRuns } from '../measure/count.js'
import type { Job } from '../measure/drive.js'
import type { Instruments } from '../measure/instruments.js'
import { type Measurement, measurementOf } from '../measure/measurement.js'
import { totalOf } from '../measure/reading.js'
import { intervalFor } from '../measure/sample.js'
import type { Domain } from '../types.js'
import { heatUp } from './heat.js'
import { portablePath } from './log.js'
import type { HeapSnapshotOptions } from './options.js'
import { bySize } from './render.js'
import { isReproducible } from './reproducible.js'
import { type Certainty, type DigestSite, type Environment, type HeapDigest, siteKey } from './types.js'

/**
 * Of a function: what the fill of V8's pages changes from run to run (see the README of `measure`), and on the heap which of
 * its compilers made the code: a loop over buffers read 20.8 kB when hot and 28.8 kB before, a function that waits 23.9 kB and
 * 17.3 kB in the next run.
 */
const OF_FUNCTIONS: Certainty = {
  relative: 0.1,
  absolute: 500,
  compilers: { relative: 0.3, bytes: 32 * 1024 },
  // Node hands out small buffers from one of 8 KiB, and reads files and streams in pieces of up to 64 KiB: which call
  // begins a new one is chance. A function that compresses read 66 kB or 8 bytes.
  pools: 72 * 1024,
}
/** Of a whole test, whose body runs once: see `attempt.ts`. */
const OF_TESTS: Certainty = {
  relative: 0.25,
  absolute: 64 * 1024,
  compilers: { relative: 0, bytes: 0 },
  pools: 0,
}
/** What a full collection inside of a reading can do to it. */
const DISTURBED = 512 * 1024

/** Bytes of which every allocation is recorded where runs are to be the same: some 100,000 objects, a second. */
const ALL_RECORDED = 5_000_000

/** Readings of a function, */
const RUNS = 3
/** and where runs are to be the same: of so many the smallest is nearly always the same one, of functions that wait too. */
const RUNS_ALIKE = 9

/**
 * What timers, files and threads change of what a function that waits for them allocates, as a standard error of each
 * site. So small ones are not listed: in the next run there would be others.
 */
const OF_WAITING: Readonly<Record<Domain, number>> = { heap: 1000, arrayBuffer: 2000, native: 0 }

/**
 * Calls a function as often as it must have been called before {@link captureCalls}.
 *
 * @returns whether it waits
 */
export function* prepareCalls(
  fn: () => unknown,
  { sample, warmup }: HeapSnapshotOptions,
  tools: Instruments,
): Job<boolean> {
  // Before anything is counted: the first snapshot of a file must not be of other code than the second.
  if (sample !== false) tools.exactLines()
  return yield* heatUp(fn, warmup, isReproducible(), tools)
}

/** Calls a function as often as a digest needs: to be counted, and once under the sampler. */
export function* captureCalls(
  fn: () => unknown,
  { runs = isReproducible() ? RUNS_ALIKE : RUNS, sample, samplingInterval }: HeapSnapshotOptions,
  domains: readonly Domain[],
  tools: Instruments,
  keepAt?: () => string,
): Job<Measurement> {
  const readings = yield* countRuns(tools.counting, fn, runs, domains)
  if (sample === false) return measurementOf(readings, undefined, domains)
  const { sampled } = yield* evidence(tools, fn, keepAt, {
    samplingInterval: samplingInterval ?? intervalOf(totalOf(chooseReading(readings, domains), domains)),
    domains,
  })
  return measurementOf(readings, sampled, domains)
}

/** Where the same code is to give the same text, nothing is left to chance as long as that is quick. */
function intervalOf(bytes: number): number {
  return isReproducible() && bytes <= ALL_RECORDED ? 1 : intervalFor(bytes)
}

/** The digest of a measured function; `waits` is whether it gives a promise. */
export function digestOfCalls(
  measurement: Measurement,
  waits: boolean,
  environment: Environment,
  root: string,
): HeapDigest {
  const { heap, arrayBuffers, native, exact, samplingInterval } = measurement
  return {
    environment,
    totals: { heap, arrayBuffer: arrayBuffers, native },
    certainty: exact ? OF_FUNCTIONS : disturbed(OF_FUNCTIONS),
    sites:
      samplingInterval === undefined
        ? undefined
        : byFunction(asCounted(measurement, waits && environment.reproducible), root),
    samplingInterval,
  }
}

/** The digest of a test's whole body; undefined when what it allocated is not known. */
export function digestOfTest(
  { record, lines }: Pick<TryResult, 'record' | 'lines'>,
  environment: Environment,
  root: string,
): HeapDigest | undefined {
  const { heap, arrayBuffers, native, certainty, samplingInterval } = record
  if (certainty === 'unknown') return undefined
  return {
    environment,
    totals: { heap, arrayBuffer: arrayBuffers, native },
    certainty: certainty === 'exact' ? OF_TESTS : disturbed(OF_TESTS),
    sites: samplingInterval === undefined ? undefined : byFunction(lines, root),
    samplingInterval,
  }
}

/** The sites, with no more bytes of a domain than were counted: what is more the sampled call allocated for itself. */
function asCounted({ heap, arrayBuffers, sites }: Measurement, waits: boolean): TestLine[] {
  const counted = { heap, arrayBuffer: arrayBuffers, native: Number.POSITIVE_INFINITY }
  const sampled = { heap: 0, arrayBuffer: 0, native: 0 }
  for (const { domain, self } of sites) sampled[domain] += self
  return sites.map((site) => {
    const self = site.self * Math.min(1, counted[site.domain] / sampled[site.domain])
    return { ...site, self, error: self * site.error + (waits ? OF_WAITING[site.domain] : 0) }
  })
}

function disturbed(certainty: Certainty): Certainty {
  return { ...certainty, absolute: certainty.absolute + DISTURBED }
}

/** What lines allocated, as what functions allocated: lines move up and down, and that is no change. */
function byFunction(sites: readonly TestLine[], root: string): DigestSite[] {
  const groups = new Map<string, TestLine[]>()
  for (const site of sites) {
    const portable = { ...site, file: portablePath(root, site.file) }
    const key = siteKey(portable)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [portable])
    else group.push(portable)
  }
  return Array.from(groups.values(), joined).sort(bySize)
}

function joined(group: readonly TestLine[]): DigestSite {
  const { function: name, file, domain } = group[0] as TestLine
  return {
    function: name,
    file,
    line: heaviestLine(group),
    domain,
    bytes: group.reduce((sum, { self }) => sum + self, 0),
    error: Math.sqrt(group.reduce((sum, { error }) => sum + error ** 2, 0)),
  }
}

/** Lines of a function with so much of the heaviest one are as heavy: which of them is ahead may be chance. */
const AS_HEAVY = 0.9

/** The line that allocates most; the first of those that are as heavy, or of which that cannot be told. */
function heaviestLine(group: readonly TestLine[]): number {
  const heaviest = group.reduce((most, site) => (site.self > most.self ? site : most))
  const like = group.filter(
    ({ self, error }) => self + 2 * (error + heaviest.error) >= AS_HEAVY * heaviest.self,
  )
  return Math.min(...like.map(({ line }) => line))
}
