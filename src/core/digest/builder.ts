import { ALLOCATION, BYTE, nearestUnits } from '../format/amount.js'
import { COLUMNS, FIRST_TRACE, FREED_AT, MOVED_AT } from '../format/hpc.js'
import type { DigestWriter } from '../format/hpc-writer.js'
import { DOMAINS } from '../types.js'
import { grownUp } from './precision.js'

/** A key is not worth its while before so many bytes of changes. */
const SHORTEST_KEY = 4096
/** What reading a snapshot costs at least, in bytes that could be read instead. */
const LEAST_COST = 64

/** Numbers of a slot: six sums, and the number of its saved sums. 64 bytes, so that an event touches them alone. */
const ROW = 8
const SAVED = 6
/** Events that are added up together. Rows are far apart in memory: a loop of nothing else waits for many at once. */
const BATCH = 1024
/** With more changed slots than one in so many it is faster to look at all than to sort. */
const MANY = 8

/**
 * Adds up events and writes snapshots of the sums.
 *
 *    event ──► sums; before the first change of a slot ──► saved          snapshot: sums - saved ──► CHANGES
 *                                                                          now and then: sums ──► KEY
 *
 * A key is written when the changes since the last one are longer than it: so keys never take more of the file than
 * changes do, and to read any snapshot takes no more than twice the length of a key.
 */
export class DigestBuilder {
  readonly #writer: DigestWriter
  readonly #traceDomains: ArrayLike<number>
  readonly #precision: number
  readonly #rows: Float64Array
  /** Sums of the changed slots as they were in the snapshot before. */
  #saved = new Float64Array(1024 * SAVED)
  /** Slots, in the order of `#saved`. */
  #changed = new Int32Array(1024)
  #count = 0
  /** 1 for the slots that have entries of their own. */
  readonly #own: Uint8Array
  /** What slots got from the others, or the others gave: since the start, and since the snapshot before. */
  readonly #moved = new Map<number, Float64Array>()
  readonly #movedNow = new Map<number, Float64Array>()
  /** Allocated so far, by the number of the domain. */
  readonly #domainSamples = new Float64Array(DOMAINS.length)
  readonly #domainUnits = new Float64Array(DOMAINS.length)
  /** Events that are not in the rows yet: where they go, and how much. */
  readonly #places = new Int32Array(BATCH)
  readonly #bytes = new Float64Array(BATCH)
  readonly #allocations = new Float64Array(BATCH)
  #waiting = 0
  /** Bytes live of all slots, in units. */
  #live = 0
  #keyLength = 0
  #sinceKey = 0

  /** `keep` tells traces that are never counted among the others. */
  constructor(
    writer: DigestWriter,
    traceDomains: ArrayLike<number>,
    precision: number,
    keep: (trace: number) => boolean,
  ) {
    const slots = FIRST_TRACE + traceDomains.length
    this.#writer = writer
    this.#traceDomains = traceDomains
    this.#precision = precision
    this.#rows = new Float64Array(slots * ROW)
    this.#own = new Uint8Array(slots).fill(1)
    for (let trace = 0; precision > 0 && trace < traceDomains.length; trace++) {
      if (!keep(trace)) this.#own[trace + FIRST_TRACE] = 0
    }
  }

  alloc(trace: number, size: number, scale: number): void {
    this.#add(trace + FIRST_TRACE, 0, size, scale)
  }

  free(trace: number, size: number, scale: number): void {
    this.#add(trace + FIRST_TRACE, FREED_AT, size, scale)
  }

  /** Samples and bytes allocated, up to the last snapshot, by the number of the domain. */
  get domains(): { readonly samples: number; readonly bytes: number }[] {
    const bytes = Array.from(this.#domainUnits, (units) => units / BYTE)
    return DOMAINS.map((_, domain) => ({
      samples: this.#domainSamples[domain] as number,
      bytes: bytes[domain] as number,
    }))
  }

  /** Writes the state as it is now. `time` is in microseconds, later than that of the snapshot before. */
  snapshot(time: number): void {
    const isKey = this.#writer.count === 0 || this.#sinceKey > Math.max(this.#keyLength, SHORTEST_KEY)
    this.#addBatch()
    if (this.#precision > 0) this.#sortOut()
    this.#writer.begin(time, isKey)
    this.#settle(!isKey)
    if (isKey) this.#writeAll()
    const length = this.#writer.end()
    if (isKey) this.#keyLength = length
    this.#sinceKey = isKey ? 0 : this.#sinceKey + Math.max(length, LEAST_COST)
    this.#count = 0
    this.#movedNow.clear()
  }

  #add(slot: number, column: number, size: number, scale: number): void {
    if (this.#waiting === BATCH) this.#addBatch()
    const number = this.#waiting++
    this.#places[number] = slot * ROW + column
    this.#bytes[number] = nearestUnits(size * scale * BYTE)
    this.#allocations[number] = nearestUnits(scale * ALLOCATION)
  }

  #addBatch(): void {
    const rows = this.#rows
    const [places, bytes, allocations] = [this.#places, this.#bytes, this.#allocations]
    for (let number = 0; number < this.#waiting; number++) {
      const place = places[number] as number
      const at = place - (place % ROW)
      if (rows[at + SAVED] === 0) this.#save(at / ROW)
      rows[place] = (rows[place] as number) + (bytes[number] as number)
      rows[place + 1] = (rows[place + 1] as number) + (allocations[number] as number)
      rows[place + 2] = (rows[place + 2] as number) + 1
    }
    this.#waiting = 0
  }

  #save(slot: number): void {
    if (this.#count === this.#changed.length) this.#grow()
    const rows = this.#rows
    const saved = this.#saved
    const at = slot * ROW
    const to = this.#count * SAVED
    for (let column = 0; column < SAVED; column++) saved[to + column] = rows[at + column] as number
    this.#changed[this.#count++] = slot
    rows[at + SAVED] = this.#count
  }

  #grow(): void {
    const [saved, changed] = [this.#saved, this.#changed]
    this.#saved = new Float64Array(saved.length * 2)
    this.#saved.set(saved)
    this.#changed = new Int32Array(changed.length * 2)
    this.#changed.set(changed)
  }

  /** Ascending. */
  #changedSlots(): Int32Array {
    const changed = this.#changed.subarray(0, this.#count)
    const slots = this.#own.length
    if (changed.length * MANY < slots) return changed.sort()
    const rows = this.#rows
    let count = 0
    for (let slot = 0; slot < slots; slot++) if (rows[slot * ROW + SAVED] !== 0) changed[count++] = slot
    return changed
  }

  /** Counts what has changed, and writes it if it is to be written. */
  #settle(isWritten: boolean): void {
    const slots = this.#changedSlots()
    const changes = this.#takeChanges(slots)
    const [samples, units] = [this.#domainSamples, this.#domainUnits]
    for (let number = 0; number < slots.length; number++) {
      const slot = slots[number] as number
      const from = number * SAVED
      if (slot >= FIRST_TRACE) {
        const domain = this.#domainOf(slot)
        samples[domain] = (samples[domain] as number) + (changes[from + 2] as number)
        units[domain] = (units[domain] as number) + (changes[from] as number)
      }
      if (isWritten && this.#own[slot] === 1) {
        this.#writer.entry(slot, changes, from, this.#movedNow.get(slot))
      }
    }
  }

  /** What has changed, in the order of `slots`; nothing has changed then. A loop of its own, as that over a batch. */
  #takeChanges(slots: Int32Array): Float64Array {
    const rows = this.#rows
    const saved = this.#saved
    const changes = new Float64Array(slots.length * SAVED)
    for (let number = 0; number < slots.length; number++) {
      const at = (slots[number] as number) * ROW
      const from = ((rows[at + SAVED] as number) - 1) * SAVED
      const to = number * SAVED
      for (let column = 0; column < SAVED; column++) {
        changes[to + column] = (rows[at + column] as number) - (saved[from + column] as number)
      }
      rows[at + SAVED] = 0
    }
    return changes
  }

  #writeAll(): void {
    const slots = this.#own.length
    for (let slot = 0; slot < slots; slot++) {
      if (this.#own[slot] === 0) continue
      this.#writer.entry(slot, this.#rows, slot * ROW, this.#moved.get(slot))
    }
  }

  /** Gives traces that have become large an entry of their own, and counts what the small ones did to the others. */
  #sortOut(): void {
    const changed = this.#changed.slice(0, this.#count)
    for (const slot of changed) this.#live += this.#change(slot, 0) - this.#change(slot, FREED_AT)
    const slots = {
      own: this.#own,
      changed,
      live: (slot: number) => this.#liveOf(slot),
      allocated: (slot: number) => this.#change(slot, 0),
    }
    for (const slot of grownUp(this.#precision, this.#live, slots)) this.#moveOut(slot)
    for (const slot of changed) {
      if (this.#own[slot] === 1) continue
      const other = this.#domainOf(slot)
      const changes = Array.from({ length: SAVED }, (_, column) => this.#change(slot, column))
      if (this.#rows[other * ROW + SAVED] === 0) this.#save(other)
      changes.forEach((change, column) => {
        const place = other * ROW + column
        this.#rows[place] = (this.#rows[place] as number) + change
      })
    }
  }

  /** What is live of a trace leaves the others; what it allocated before stays with them. */
  #moveOut(slot: number): void {
    this.#own[slot] = 1
    const other = this.#domainOf(slot)
    const rows = this.#rows
    for (const touched of [slot, other]) if (rows[touched * ROW + SAVED] === 0) this.#save(touched)
    const at = slot * ROW
    const from = ((rows[at + SAVED] as number) - 1) * SAVED
    for (let column = 0; column < FREED_AT; column++) {
      const allocated = this.#saved[from + column] as number
      const freed = this.#saved[from + FREED_AT + column] as number
      const live = Math.max(0, allocated - freed) // below 0 only when more was freed than allocated
      for (const moved of [this.#moved, this.#movedNow]) {
        for (const touched of [slot, other]) addTo(moved, touched, column, live)
      }
      rows[at + column] = (rows[at + column] as number) - allocated
      rows[at + FREED_AT + column] = (rows[at + FREED_AT + column] as number) - freed
      this.#saved[from + column] = 0
      this.#saved[from + FREED_AT + column] = 0
    }
  }

  /** What came to a sum since the snapshot before. */
  #change(slot: number, column: number): number {
    const at = slot * ROW
    const number = this.#rows[at + SAVED] as number
    if (number === 0) return 0
    return (this.#rows[at + column] as number) - (this.#saved[(number - 1) * SAVED + column] as number)
  }

  /** Bytes of a slot that are live, in units. */
  #liveOf(slot: number): number {
    const at = slot * ROW
    const balance = (this.#rows[at] as number) - (this.#rows[at + FREED_AT] as number)
    return slot < FIRST_TRACE ? balance - (this.#moved.get(slot)?.[0] ?? 0) : balance
  }

  #domainOf(slot: number): number {
    return this.#traceDomains[slot - FIRST_TRACE] as number
  }
}

function addTo(moved: Map<number, Float64Array>, slot: number, column: number, units: number): void {
  let amounts = moved.get(slot)
  if (amounts === undefined) {
    amounts = new Float64Array(COLUMNS - MOVED_AT)
    moved.set(slot, amounts)
  }
  amounts[column] = (amounts[column] as number) + units
}
