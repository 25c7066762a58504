import { readRecord } from './read-record.js'

/** A property of a test, for reports that keep such pairs of strings. */
export interface Property {
  readonly name: string
  readonly value: string
}

/** What a record says, in names and numbers for programs: bytes without a unit. Empty when there is no record. */
export function properties(value: unknown): Property[] {
  const record = readRecord(value)
  if (record === undefined) return []
  const { allocated, native, peak, retained, certainty, profile } = record
  const known = certainty === 'unknown' ? {} : { allocated, native, peak, retained }
  const all = { ...known, certainty, profile }
  return Object.entries(all)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => ({ name: `heapproof.${name}`, value: String(each) }))
}
