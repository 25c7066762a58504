import { HeapproofError } from '../errors.js'
import type { SizeRange } from '../format/sampling.js'
import { show } from '../text/show.js'

/**
 * The chance of an allocation to be recorded, by its size: `{ 128: 0.0001, 8192: 0.1 }` records one in 10,000 below 128
 * bytes, one in ten from 128 to 8,191, and everything from 8,192 bytes on. Keys are exclusive upper bounds in bytes,
 * whole numbers from 1; values are from 0 to 1. `{}` records everything. A Map or a list of pairs says the same.
 */
export type SamplingProbability =
  | { readonly [bound: number]: number }
  | ReadonlyMap<number, number>
  | readonly SizeRange[]

/** The table of heapprof, which has proven useful for many programs. */
export const DEFAULT_SAMPLING_PROBABILITY = Object.freeze({ 128: 1e-4, 8192: 0.1 })

const SHAPE =
  'probabilities by size, such as {128: 1e-4, 8192: 0.1}: an object, a Map or a list of [bound, probability] pairs'

/**
 * The table with its bounds ascending. `what` names it in errors.
 *
 * @throws HeapproofError `invalid-argument`, naming the first thing that is wrong.
 */
export function tableFrom(what: string, given: unknown): readonly SizeRange[] {
  const refuse = (why: string): never => {
    throw new HeapproofError('invalid-argument', `${what}: ${why}`)
  }
  const table: SizeRange[] = []
  const seen = new Set<number>()
  for (const pair of pairsOf(given) ?? refuse(`expected ${SHAPE}, received ${show(given)}`)) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      return refuse(`expected pairs of a bound and a probability, received ${show(pair)}`)
    }
    const [bound, probability] = pair
    if (!Number.isSafeInteger(bound) || bound < 1) {
      return refuse(`a bound must be a whole number of bytes, 1 or more, received ${show(bound)}`)
    }
    if (seen.has(bound)) refuse(`the bound ${bound} is there twice`)
    if (!(typeof probability === 'number' && probability >= 0 && probability <= 1)) {
      return refuse(`the probability below ${bound} bytes must be from 0 to 1, received ${show(probability)}`)
    }
    seen.add(bound)
    table.push([bound, probability])
  }
  return table.sort(([left], [right]) => left - right)
}

/** What a person would write for the table: `{128: 1e-4, 8192: 0.1}`. */
export function formatTable(table: readonly SizeRange[]): string {
  return `{${table.map(([bound, probability]) => `${bound}: ${shortest(probability)}`).join(', ')}}`
}

function pairsOf(given: unknown): Iterable<unknown> | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  if (Array.isArray(given)) return given
  if (Object.prototype.toString.call(given) === '[object Map]')
    return (given as Map<unknown, unknown>).entries()
  if (Symbol.iterator in given || ArrayBuffer.isView(given)) return undefined
  // Keys are strings, and '1e3' or '08' is nobody's number of bytes: such a key stays as it is, and is refused.
  return Object.entries(given).map(([key, value]) => [/^[1-9]\d*$/.test(key) ? Number(key) : key, value])
}

function shortest(value: number): string {
  const [plain, exponent] = [String(value), value.toExponential()]
  return exponent.length < plain.length ? exponent : plain
}
