import { HeapproofError } from '../errors.js'
import type { SizeRange } from '../format/sampling.js'
import { parseSize } from '../text/bytes.js'
import { show } from '../text/show.js'
import { MAX_SAMPLING_INTERVAL, MAX_STACK_DEPTH } from './options.js'
import { tableFrom } from './sampling-table.js'

// Options as they are typed in a shell. `what` is the flag or the variable, and begins every error. All throw
// HeapproofError `invalid-argument`.

/** Mean bytes between two samples: `131072` or `64KiB`. */
export function parseSamplingInterval(what: string, typed: string): number {
  const value = /^\d+$/.test(typed) ? Number(typed) : sizeOrNothing(typed)
  if (Number.isInteger(value) && value >= 1 && value <= MAX_SAMPLING_INTERVAL) return value
  throw refused(what, `a whole number of bytes from 1 to ${MAX_SAMPLING_INTERVAL}`, typed)
}

/** Frames kept of each stack. */
export function parseStackDepth(what: string, typed: string): number {
  const value = /^\d+$/.test(typed) ? Number(typed) : Number.NaN
  if (value >= 1 && value <= MAX_STACK_DEPTH) return value
  throw refused(what, `a whole number from 1 to ${MAX_STACK_DEPTH}`, typed)
}

const NUMBER = /^(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i
const PAIR = /^\s*(?:(\d+)|"(\d+)"|'(\d+)')\s*:\s*(\S+)\s*$/

/** A table of probabilities by size: `{256: 1e-5, 8192: 0.1}`, with or without spaces, quotes and a last comma. */
export function parseSamplingProbability(typed: string, what = '--sample'): readonly SizeRange[] {
  const inside = /^\s*\{(.*)\}\s*$/s.exec(typed)?.[1]
  if (inside === undefined) throw refused(what, "a table such as '{128: 1e-4, 8192: 0.1}'", typed)
  const parts = inside.split(',')
  if (parts.at(-1)?.trim() === '') parts.pop()
  const pairs = parts.map((part) => {
    const [, plain, double, single, probability] = PAIR.exec(part) ?? []
    if (probability === undefined || !NUMBER.test(probability)) {
      throw refused(
        what,
        "a table such as '{128: 1e-4, 8192: 0.1}'",
        typed,
        ` with ${show(part.trim())} in it`,
      )
    }
    return [Number(plain ?? double ?? single), Number(probability)]
  })
  return tableFrom(what, pairs)
}

function sizeOrNothing(typed: string): number {
  try {
    return parseSize(typed, '').bytes
  } catch {
    return Number.NaN
  }
}

function refused(what: string, expected: string, typed: string, detail = ''): HeapproofError {
  return new HeapproofError(
    'invalid-argument',
    `${what} must be ${expected}, received ${show(typed)}${detail}`,
  )
}
