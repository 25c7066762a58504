import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'

/** A time as it was typed: seconds from the start, `peak` or `end`. @throws HeapproofError `invalid-argument`. */
export function timeOf(option: string, typed: string): number | 'peak' | 'end' {
  if (typed === 'peak' || typed === 'end') return typed
  const seconds = secondsOf(typed)
  if (seconds !== undefined) return seconds
  const expected = 'a number of seconds from the start, peak or end'
  throw new HeapproofError('invalid-argument', `${option} must be ${expected}, received ${show(typed)}`)
}

/** A number of seconds as it was typed. @throws HeapproofError `invalid-argument`. */
export function startOf(option: string, typed: string): number {
  const seconds = secondsOf(typed)
  if (seconds !== undefined) return seconds
  throw new HeapproofError(
    'invalid-argument',
    `${option} must be a number of seconds from the start, received ${show(typed)}`,
  )
}

function secondsOf(typed: string): number | undefined {
  return /^\d{1,12}(?:\.\d+)?$/.test(typed) ? Number(typed) : undefined
}
