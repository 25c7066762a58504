import { FIRST_TRACE } from '../format/hpc.js'

/** What is known of all slots. */
export interface Slots {
  /** 1 for slots with an entry of their own. */
  readonly own: Uint8Array
  /** Slots of traces that something happened to since the snapshot before. */
  readonly changed: Int32Array
  /** Bytes live of a slot that has no entry of its own, or of the others up to the snapshot before. */
  readonly live: (slot: number) => number
  /** Bytes allocated since the snapshot before. */
  readonly allocated: (slot: number) => number
}

// A precision of 0.01 says: a snapshot may leave out the smallest traces as long as they have no more than 1 % of the
// bytes that are live in it, nor of those that were allocated since the snapshot before. They are the others.
//
//    precision 0.2    live      a 500   b 300   c 120   d 80       of 1000 bytes 200 may go
//                     others                    c       d          120 + 80
//
// A trace that has once become too large for that keeps its own entry from then on: else a difference between two
// snapshots would tell of allocations that were none.

/** The traces that are too large to be counted among the others any longer. */
export function grownUp(precision: number, liveOfAll: number, slots: Slots): Set<number> {
  const { own, changed, live, allocated } = slots
  const grown = new Set<number>()
  const limit = precision * changed.reduce((sum, slot) => sum + allocated(slot), 0)
  for (const slot of beyond(
    limit,
    Array.from(changed).filter((slot) => own[slot] === 0),
    allocated,
  )) {
    grown.add(slot)
  }
  const small: number[] = []
  for (let slot = FIRST_TRACE; slot < own.length; slot++) {
    if (own[slot] === 0 && live(slot) > 0) small.push(slot)
  }
  for (const slot of beyond(precision * liveOfAll, small, live)) grown.add(slot)
  return grown
}

/** Without the smallest that have `limit` together. */
function beyond(limit: number, slots: readonly number[], amount: (slot: number) => number): number[] {
  const amounts = slots.map((slot) => ({ slot, amount: amount(slot) }))
  if (amounts.reduce((sum, { amount }) => sum + amount, 0) <= limit) return []
  amounts.sort((a, b) => a.amount - b.amount || a.slot - b.slot)
  let left = limit
  const first = amounts.findIndex(({ amount }) => {
    left -= amount
    return left < 0
  })
  return amounts.slice(first).map(({ slot }) => slot)
}
