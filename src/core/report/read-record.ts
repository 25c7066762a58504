import type { TestLimit, TestRecord, TestSite } from '../bracket/record.js'
import { DOMAINS } from '../types.js'

const KINDS: readonly unknown[] = ['allocated', 'retained', 'peak', 'native'] satisfies TestLimit['kind'][]
const VERDICTS: readonly unknown[] = ['kept', 'exceeded', 'cannot-tell'] satisfies TestLimit['verdict'][]
const CERTAINTIES: readonly unknown[] = [
  'exact',
  'approximate',
  'unknown',
] satisfies TestRecord['certainty'][]

/**
 * The record that came back from where a test ran, or undefined when it is none of version 1. It crossed processes, and
 * perhaps a file of another day: a runner keeps it as JSON, which knows no undefined and no NaN.
 */
export function readRecord(value: unknown): TestRecord | undefined {
  if (!isObject(value) || value.version !== 1) return undefined
  const { certainty, reason, limits, sites, profile } = value
  const counts = [value.allocated, value.heap, value.arrayBuffers, value.collections]
  if (!counts.every(isNumber) || !CERTAINTIES.includes(certainty)) return undefined
  if (!Array.isArray(limits) || !limits.every(isLimit)) return undefined
  if (!Array.isArray(sites) || !sites.every(isSite)) return undefined
  return Object.freeze({
    ...(value as unknown as TestRecord),
    reason: typeof reason === 'string' ? reason : '',
    native: numberOrNothing(value.native),
    peak: numberOrNothing(value.peak),
    retained: numberOrNothing(value.retained),
    samplingInterval: numberOrNothing(value.samplingInterval),
    samplingError: numberOrNothing(value.samplingError),
    workers: numberOrNothing(value.workers),
    profile: typeof profile === 'string' ? profile : undefined,
    ranges: readRanges(value.ranges),
    settled: value.settled === true || undefined,
    partial: value.partial === true || undefined,
  })
}

function readRanges(value: unknown): TestRecord['ranges'] {
  if (!isObject(value)) return undefined
  const ranges = Object.entries(value).filter(
    ([kind, range]) =>
      KINDS.includes(kind) && Array.isArray(range) && range.length === 2 && range.every(isNumber),
  )
  return ranges.length === 0 ? undefined : Object.fromEntries(ranges)
}

function isLimit(value: unknown): value is TestLimit {
  if (!isObject(value)) return false
  const { kind, limit, measured, verdict } = value
  return (
    KINDS.includes(kind) &&
    VERDICTS.includes(verdict) &&
    isNumber(limit) &&
    (measured === undefined || measured === null || isNumber(measured))
  )
}

function isSite(value: unknown): value is TestSite {
  if (!isObject(value)) return false
  const { function: name, file, line, column, domain, self, total, live } = value
  return (
    typeof name === 'string' &&
    typeof file === 'string' &&
    (DOMAINS as readonly unknown[]).includes(domain) &&
    [line, column, self, total, live].every(isNumber)
  )
}

/** Whether a value that came from a file has properties. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function numberOrNothing(value: unknown): number | undefined {
  return isNumber(value) ? value : undefined
}
