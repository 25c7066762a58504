import { rmSync, writeFileSync } from 'node:fs'
import { COUNTER, PEAK } from '../../../src/core/addon.js'
import type { HeapproofError } from '../../../src/core/errors.js'
import type { Instruments } from '../../../src/core/measure/instruments.js'
import type { LiveNative } from '../../../src/core/measure/live-native.js'
import type { Domain, Site } from '../../../src/core/types.js'

/** A machine whose counters only move when a test says so, and whose sampler reports the sites it was given. */
export class FakeMachine implements Instruments {
  readonly counters = new Float64Array(16)
  readonly events: string[] = []
  found: readonly Site[] = []
  recording = false
  throwsCodeAway = false
  refuseToStart: HeapproofError | undefined
  refuseToStop: HeapproofError | undefined
  /** Why native memory cannot be counted. */
  refuseNative: string | undefined
  /** Bytes that are dead and are found so by the next full collection. */
  garbage = 0
  liveNativeBytes = 0
  clock = 0
  /** Called in each turn of the event loop. */
  onTurn = () => {}

  readonly counting = {
    beginPage: () => {},
    readCounters: (into: Float64Array) => into.set(this.counters),
    collectGarbage: () => {
      this.events.push('collect')
      this.counters[COUNTER.heapUsed] = (this.counters[COUNTER.heapUsed] as number) - this.garbage
      this.garbage = 0
      this.collect('major')
    },
  }

  readonly liveNative = {
    begin: () => {
      this.events.push('follow native')
      if (this.refuseToStart) throw this.refuseToStart
    },
    bytes: () => this.liveNativeBytes,
    end: () => this.events.push('follow native no more'),
  } as unknown as LiveNative

  countNative(on: boolean): string | undefined {
    this.events.push(`count native ${on}`)
    return this.refuseNative
  }

  /** What the next watches for a peak see; the last one stays. */
  peaks: Partial<Record<keyof typeof PEAK, number>>[] = []
  refusePeak: ((step: number) => string | undefined) | undefined

  startPeak(step: number, mostCollections: number): string | undefined {
    this.events.push(`watch ${step} ${mostCollections}`)
    return this.refusePeak?.(step)
  }

  stopPeak(into: Float64Array): void {
    const seen = this.peaks.length > 1 ? this.peaks.shift() : this.peaks[0]
    for (const [name, value] of Object.entries(seen ?? {})) into[PEAK[name as keyof typeof PEAK]] = value
  }

  sitesAt(fileBase: string, seconds: number): readonly Site[] {
    this.events.push(`at ${seconds}`)
    return this.sites(fileBase)
  }

  async turnEventLoop(): Promise<void> {
    this.onTurn()
  }

  milliseconds(): number {
    return this.clock
  }

  /** Undefined: the machine does nothing else. */
  cpu: number | undefined

  cpuMilliseconds(): number {
    return this.cpu ?? this.clock
  }

  /** Memory of the heap that is allocated and stays. */
  retain(bytes: number): void {
    this.heap(bytes)
    this.#add(COUNTER.heapUsed, bytes)
  }

  /** Memory of the heap that is allocated and dead at the next full collection. */
  temporary(bytes: number): void {
    this.retain(bytes)
    this.garbage += bytes
  }

  heap(bytes: number): void {
    this.#add(COUNTER.heapBytes, bytes)
    this.#add(COUNTER.youngBytes, bytes)
  }

  buffers(bytes: number): void {
    this.#add(COUNTER.arrayBufferBytes, bytes)
  }

  freeBuffers(bytes: number): void {
    this.#add(COUNTER.arrayBufferFreedBytes, bytes)
  }

  native(bytes: number): void {
    this.#add(COUNTER.nativeBytes, bytes)
  }

  collect(kind: 'minor' | 'major'): void {
    this.#add(COUNTER.collections, 1)
    if (kind === 'major') this.#add(COUNTER.majorCollections, 1)
  }

  beginToMark(): void {
    this.#add(COUNTER.markings, 1)
  }

  isProfiling(): boolean {
    return this.recording
  }

  exactLines(): boolean {
    return this.throwsCodeAway
  }

  start(fileBase: string, samplingInterval: number, domains?: readonly Domain[]): void {
    this.events.push(`start ${samplingInterval}${domains === undefined ? '' : ` ${domains}`}`)
    if (this.refuseToStart) throw this.refuseToStart
    writeFileSync(`${fileBase}.hpm`, '')
    writeFileSync(`${fileBase}.hpd`, '')
    this.recording = true
  }

  stop(): void {
    this.events.push('stop')
    this.recording = false
    if (this.refuseToStop) throw this.refuseToStop
  }

  sites(fileBase: string): readonly Site[] {
    this.events.push('read')
    rmSync(`${fileBase}.hpd`) // fails unless it was written
    writeFileSync(`${fileBase}.hpd`, '')
    return this.found
  }

  #add(index: number, amount: number): void {
    this.counters[index] = (this.counters[index] as number) + amount
  }
}

/** A site with everything that a test does not care about. */
export function siteOf(site: Partial<Site>): Site {
  return {
    function: 'f',
    file: '/project/src/f.ts',
    line: 1,
    column: 1,
    domain: 'heap',
    self: 0,
    total: site.self ?? 0,
    live: 0,
    allocations: 0,
    samples: 0,
    error: 0,
    ...site,
  }
}

/** A function that allocates something else each time it is called; the last amount stays. */
export function allocating(machine: FakeMachine, ...heapBytes: number[]): (() => void) & { calls: number } {
  const fn = () => {
    machine.heap(heapBytes[Math.min(fn.calls, heapBytes.length - 1)] as number)
    fn.calls++
  }
  fn.calls = 0
  return fn
}
