import { type Counters, DOMAINS, type Domain } from '../types.js'
import { writeCounters } from './counters.js'
import { EVENT } from './cursor.js'
import { EXTENDED, SUBTYPE } from './hpd.js'
import { RULE, type Sampling, type SizeRange, UNKNOWN_SAMPLING, writeSampling } from './sampling.js'
import { ByteWriter } from './varint.js'

/** Writes the events of one block of a .hpd file. Times are microseconds since the start and must not go back. */
export class EventWriter {
  readonly #output = new ByteWriter()
  #time: number
  #age = 0

  /** `time` is that of the last event of the block before. */
  constructor(time = 0) {
    this.#time = time
  }

  get time(): number {
    return this.#time
  }

  alloc(time: number, trace: number, size: number): this {
    this.#head(time, EVENT.alloc).varint(trace).size(size)
    return this
  }

  free(time: number, trace: number, size: number, age: number): this {
    this.#head(time, EVENT.free)
      .varint(trace)
      .size(size)
      .zigzag(age - this.#age)
    this.#age = age
    return this
  }

  collection(time: number, type: number, duration: number, before: number, after: number): this {
    this.#head(time, EVENT.collection).varint(type).varint(duration).varint(before).varint(after)
    return this
  }

  sampling(time: number, domain: Domain, interval: number, rule: number = RULE.poisson): this {
    return this.#sampling(time, domain, { ...UNKNOWN_SAMPLING, rule, interval })
  }

  /** `draw` is the interval at which V8 draws first; 1 where nobody does. */
  samplingTable(time: number, domain: Domain, table: readonly SizeRange[], draw = 1): this {
    return this.#sampling(time, domain, { rule: RULE.table, interval: 0, table, draw })
  }

  thread(time: number, thread: number): this {
    return this.extended(time, SUBTYPE.thread, new ByteWriter().varint(thread).take())
  }

  counters(time: number, counters: Counters): this {
    const body = new ByteWriter()
    writeCounters(body, counters)
    return this.extended(time, SUBTYPE.counters, body.take())
  }

  end(time: number, reason = ''): this {
    return this.extended(time, SUBTYPE.end, new ByteWriter().string(reason).take())
  }

  scale(time: number, scale: number): this {
    return this.extended(time, SUBTYPE.scale, new ByteWriter().float64(scale).take())
  }

  extended(time: number, subtype: number, body: Uint8Array): this {
    this.#head(time, EXTENDED).varint(subtype).varint(body.length).raw(body)
    return this
  }

  /** The payload so far. */
  take(): Uint8Array {
    return this.#output.take()
  }

  #sampling(time: number, domain: Domain, sampling: Sampling): this {
    const body = new ByteWriter().varint(DOMAINS.indexOf(domain))
    writeSampling(body, sampling)
    return this.extended(time, SUBTYPE.sampling, body.take())
  }

  #head(time: number, kind: number): ByteWriter {
    const delta = time - this.#time
    this.#time = time
    return this.#output.varint(delta * 4 + kind)
  }
}
