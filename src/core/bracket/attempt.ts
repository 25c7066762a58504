import { type Addon, COUNTER, COUNTERS, PEAK, PEAK_NUMBERS } from '../addon.js'
import { turnEventLoop } from '../measure/event-loop.js'
import { certainGrowth, heapGrowth } from '../measure/heap-growth.js'
import { Workers } from '../workers/count.js'
import { beginSlab } from './begin-slab.js'
import { BodyCount, type BodyFunction, inUse } from './body.js'
import { about, exactly, type Finding, unknown } from './findings.js'
import type { Limit, LimitKind, Limits } from './limits.js'
import type { Recorder } from './recorder.js'
import { bracketState } from './state.js'

/** The part of the addon that the bracket uses. */
export type BracketAddon = Pick<
  Addon,
  | 'readCounters'
  | 'collectGarbage'
  | 'postponeCollections'
  | 'beginPage'
  | 'countNative'
  | 'startPeak'
  | 'stopPeak'
  | 'addWorkers'
>

/** What a disturbed reading may be off by, in bytes: the most that was ever seen; see the README of `../measure`. */
const DISTURBED = 512 * 1024

/** Steps into which the limit of a peak is divided: each time as much was allocated the heap is collected. */
const STEPS = 16
const SMALLEST_STEP = 4096
/** With some 30 ms each they take two seconds; what comes after them is only looked at. */
const MOST_COLLECTIONS = 64

/**
 * What V8 keeps for itself after a test, in bytes: bytecode of functions that ran for the first time, feedback, caches.
 * Measured for tests that assert, parse JSON, wait and throw: up to 38 kB the first time, mostly 0 from then on.
 */
const OF_V8 = 64 * 1024

const OVERLAPPED = 'another test ran at the same time, and the counters count both'

/**
 * A body runs once, and what it allocates depends on which of V8's compilers made its code until then: the same test in ten
 * runs differs by up to 45 kB and a fifth. So that is in doubt, and no test fails for it.
 */
const TIERS = 64 * 1024
const TIERS_PART = 0.2

/**
 * V8 counts a page of young objects as full when the next one does not fit, in bytes: larger objects lie elsewhere. A body
 * begins on a page of its own. After waiting it goes on at another place of a page than the last time, by what else ran
 * meanwhile: one rest more, or less. After a collection it goes on behind the survivors, wherever it was before: the same
 * sorting of lists of 134 kB, 576 kB in most of 60 runs on a busy machine, read 479 to 719 kB in the others.
 */
const PAGE_REST = 128 * 1024
const PAGE = 256 * 1024

/** What V8 notes among the young objects about machine code that it puts in place, in bytes: the most for one function. */
const NOTED = 2048
/** A doubt that is a smaller part of the number is not worth a word. */
const WORTH_SAYING = 0.01

/** One try of one test: what was counted around its body, and what of it can be believed. */
export class Attempt {
  readonly body = new BodyCount()
  limits: Limits
  /** Another test ran between the beginning and the end of this one. */
  overlapped = false
  /** Why the numbers hold more than the body, when they do. */
  widened = ''
  /** Where `heapLimit` was called, for the error. */
  calledAt: Error | undefined
  readonly #addon: BracketAddon
  readonly #recorder: Recorder | undefined
  readonly #counters = new Float64Array(COUNTERS)
  #peakNumbers: Float64Array | undefined
  #peakRefusal: string | undefined
  #peakRuns = false
  #retainedFrom: number | undefined
  #nativeFrom: number | undefined
  #nativeRefusal: string | undefined
  #workers: Workers | undefined
  /** These are in the counters, and counted of this thread alone. */
  #nativeOfWorkers = 0
  #concluded: Promise<string | undefined> | undefined
  /** Why not all worker threads were counted: a clause. */
  #notCounted: string | undefined

  constructor(addon: BracketAddon, limits: Limits, recorder: Recorder | undefined) {
    this.#addon = addon
    this.#recorder = recorder
    this.limits = limits
  }

  /** Calls the body, counting and recording; once. What it returns and throws comes through unchanged. */
  callBody(fn: BodyFunction, self: unknown, args: unknown[]): unknown {
    if (this.body.state !== 'waiting') return fn.apply(self, args)
    beginSlab()
    if (this.limits.workers === true) this.#beginWorkers()
    if (this.limits.has('native')) this.#beginNative()
    // Only this collects: what was allocated is counted where sweeping takes nothing away.
    if (this.limits.has('retained')) this.#beginRetained()
    this.#addon.beginPage()
    const peak = this.limits.get('peak')
    if (peak === undefined) this.#recorder?.start()
    else this.#beginPeak(peak)
    if (this.limits.has('native')) this.#nativeFrom = this.#read(COUNTER.nativeBytes)
    const state = bracketState()
    const outer = state.onStack
    state.onStack = this
    try {
      return this.body.around(this.#addon, fn, self, args, () => this.#bodyEnded())
    } finally {
      state.onStack = outer
    }
  }

  /** Takes other limits while the body runs. What new ones are about is counted from now on. */
  ask(limits: Limits, calledAt: Error): void {
    this.calledAt = calledAt
    const isNew = (kind: LimitKind) => limits.has(kind) && !this.limits.has(kind)
    if (isNew('native')) {
      this.#beginNative()
      this.#nativeFrom = this.#read(COUNTER.nativeBytes)
    }
    if (limits.workers === true) this.#beginWorkers()
    if (isNew('retained')) this.#beginRetained()
    const peak = limits.get('peak')
    if (peak !== undefined && isNew('peak')) this.#beginPeak(peak)
    this.limits = limits
  }

  /** The runner does not wait for the body any longer. */
  leave(): void {
    this.body.leave(this.#addon)
    this.#endWorkers()
    this.#endPeak()
    this.#recorder?.stop()
  }

  /** Waits until it is known which worker threads the body has started. To be called when it is over. */
  async workersKnown(): Promise<void> {
    this.#notCounted = await this.#concluded
  }

  /** How many worker threads were counted; undefined when they were not to be. */
  get workers(): number | undefined {
    return this.#workers?.most
  }

  /** What the body allocated on the heap and behind ArrayBuffers; with the worker threads, when these count. */
  allocated(): Finding {
    const { body } = this
    if (body.state === 'waiting') return unknown('its body was not seen')
    // What runs without waiting runs alone.
    if (this.overlapped && (body.asynchronous || this.widened !== '')) return unknown(OVERLAPPED)
    if (this.#notCounted !== undefined) return unknown(this.#notCounted)
    const { heap, arrayBuffers } = this
    const measured = Math.max(0, heap) + arrayBuffers
    const reason = this.#disturbance()
    if (reason !== '') return about(measured, DISTURBED, reason)
    const noted = Math.min(Math.max(0, heap), body.grown(COUNTER.installed) * NOTED)
    const tiers = Math.min(TIERS, Math.max(0, heap) * TIERS_PART)
    const rest = Math.min(this.#restsOfPages() * PAGE_REST, Math.max(0, heap))
    const { doubt, compiling } = this.#growth()
    let ofV8 = ''
    if (noted > measured * WORTH_SAYING) ofV8 = 'V8 put optimised code in place meanwhile'
    if (doubt > Math.max(OF_V8, measured * WORTH_SAYING))
      ofV8 = compiling ? 'V8 compiled meanwhile' : 'V8 set room for old objects aside meanwhile'
    return {
      measured,
      low: Math.max(0, measured - Math.max(noted, tiers, rest)),
      high: measured + (doubt > OF_V8 ? doubt : 0),
      reason: ofV8,
    }
  }

  /** Bytes that the heap handed out to the program; negative when more was given back meanwhile. */
  get heap(): number {
    const { compiling = 0, promise = 0 } = bracketState().emptyCost ?? {}
    const empty = compiling + (this.body.asynchronous ? promise : 0)
    const grown = this.#growth().bytes
    // A negative number stays as it is: it must not be made to look like 0.
    return grown < 0 ? grown : Math.max(0, grown - empty)
  }

  #growth(): { bytes: number; doubt: number; compiling: boolean } {
    const growth = heapGrowth((counter) => this.body.grown(counter))
    // A peak is followed by V8's sampler, too.
    const isSampled = this.#recorder !== undefined || this.limits.has('peak')
    return { ...certainGrowth(growth, isSampled), compiling: growth.compiling }
  }

  get arrayBuffers(): number {
    return this.body.grown(COUNTER.arrayBufferBytes)
  }

  get collections(): number {
    return Math.max(0, this.body.grown(COUNTER.collections))
  }

  /** What C++ code took from malloc; undefined when it was not counted. */
  native(): Finding | undefined {
    if (this.#nativeRefusal !== undefined) return unknown(this.#nativeRefusal)
    if (this.#nativeFrom === undefined) return undefined
    if (this.overlapped && this.body.asynchronous) return unknown(OVERLAPPED)
    return exactly(
      (this.body.after[COUNTER.nativeBytes] as number) - this.#nativeFrom - this.#nativeOfWorkers,
    )
  }

  /** The most that was live at once, beyond what was live before; undefined when nobody asked. */
  peak(): Finding | undefined {
    if (this.#peakRefusal !== undefined) return unknown(this.#peakRefusal)
    if (this.#peakNumbers === undefined) return undefined
    if (this.overlapped && this.body.asynchronous) return unknown(OVERLAPPED)
    const low = Math.max(0, this.#peakNumbers[PEAK.lower] as number)
    const high = Math.max(low, this.#peakNumbers[PEAK.upper] as number)
    return { measured: low, low, high, reason: 'what was live was looked at now and then' }
  }

  /** Bytes that are live now and were not before the body; collects garbage. Undefined when nobody asked. */
  async retained(): Promise<Finding | undefined> {
    if (this.#retainedFrom === undefined) return undefined
    if (this.body.state === 'left') return unknown('its body was still running')
    // What the body has left to the event loop, and callbacks of finalizers.
    await turnEventLoop()
    if (this.overlapped) return unknown(OVERLAPPED)
    let grown = this.#live() - this.#retainedFrom
    if (grown > OF_V8) {
      // What the callbacks of finalizers let go is found dead by the next collection.
      await turnEventLoop()
      grown = this.#live() - this.#retainedFrom
    }
    // Less cannot be told from what V8 keeps for code that ran for the first time.
    if (grown <= OF_V8) return exactly(0)
    return { measured: grown, low: grown - OF_V8, high: grown, reason: '' }
  }

  /** By how many more of them the next run may count. */
  #restsOfPages(): number {
    if (this.collections > 0) return 2
    return this.body.asynchronous && this.heap > PAGE ? 1 : 0
  }

  #disturbance(): string {
    if (this.widened !== '') return this.widened
    if (this.body.state === 'left') return 'its body was still running'
    const full = this.body.grown(COUNTER.majorCollections) + this.body.grown(COUNTER.markings)
    if (full > 0) return 'V8 was collecting the whole heap'
    return this.heap < 0 ? 'V8 gave back memory of an earlier collection meanwhile' : ''
  }

  #beginRetained(): void {
    this.#retainedFrom = this.#live()
  }

  #live(): number {
    this.#addon.collectGarbage()
    this.#addon.readCounters(this.#counters)
    // What threads hold is gone with them.
    const ofWorkers = Float64Array.from(this.#counters, (_, index) => this.#workers?.reported(index) ?? 0)
    return inUse(this.#counters) - inUse(ofWorkers)
  }

  #beginWorkers(): void {
    // Of tests at the same time the first one counts.
    if (!this.overlapped) this.#workers ??= new Workers(this.#addon)
  }

  #endWorkers(): void {
    this.#nativeOfWorkers += this.#workers?.reported(COUNTER.nativeBytes) ?? 0
    this.#concluded ??= this.#workers?.conclude('the test')
  }

  #beginPeak(limit: Limit): void {
    // Both pace themselves by V8's sampler, and there is one.
    this.#recorder?.stop()
    this.#addon.collectGarbage()
    const step = Math.max(SMALLEST_STEP, Math.ceil(limit.size.bytes / STEPS))
    const refusal = this.#addon.startPeak(step, MOST_COLLECTIONS)
    if (refusal !== undefined) this.#peakRefusal = refusal.replace(/^[a-z-]+: /, '')
    else this.#peakNumbers = new Float64Array(PEAK_NUMBERS)
    this.#peakRuns = refusal === undefined
  }

  #endPeak(): void {
    if (this.#peakRuns) this.#addon.stopPeak(this.#peakNumbers as Float64Array)
    this.#peakRuns = false
  }

  #beginNative(): void {
    this.#nativeRefusal = this.#addon.countNative(true)
  }

  #read(index: number): number {
    this.#addon.readCounters(this.#counters)
    return (this.#counters[index] as number) - (this.#workers?.reported(index) ?? 0)
  }

  #bodyEnded(): void {
    this.#endWorkers()
    if (this.body.state === 'left') bracketState().active.delete(this)
    if (this.#nativeFrom !== undefined && this.#nativeRefusal === undefined) this.#addon.countNative(false)
    if (this.body.state !== 'over') return
    this.#endPeak()
    this.#recorder?.stop()
  }
}
