import { HeapproofError } from '../errors.js'
import { MAX_SAMPLING_INTERVAL, MAX_STACK_DEPTH, type StartOptions } from '../session/options.js'
import { parseSize } from '../text/bytes.js'
import { show } from '../text/show.js'

/** Options of `heapproof run`, as they were typed. */
export interface RunOptions {
  readonly output: string
  readonly interval?: string
  readonly depth?: string
  readonly children: boolean
  readonly workers: boolean
}

/** What was typed, as options of `start()`. @throws HeapproofError `invalid-argument`, naming the option. */
export function settingsOf({ interval, depth }: RunOptions): StartOptions {
  return {
    ...(interval !== undefined && {
      samplingInterval: wholeNumber('--interval', interval, MAX_SAMPLING_INTERVAL),
    }),
    ...(depth !== undefined && { stackDepth: wholeNumber('--depth', depth, MAX_STACK_DEPTH) }),
  }
}

/** A count, or for the interval a size with its unit. */
function wholeNumber(option: string, typed: string, max: number): number {
  const isSize = option === '--interval' && !/^\d+$/.test(typed)
  const value = isSize ? sizeOrNothing(typed) : /^\d+$/.test(typed) ? Number(typed) : Number.NaN
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  const what = option === '--interval' ? 'a whole number of bytes' : 'a whole number'
  throw new HeapproofError(
    'invalid-argument',
    `${option} must be ${what} from 1 to ${max}, received ${show(typed)}`,
  )
}

function sizeOrNothing(typed: string): number {
  try {
    return parseSize(typed, '--interval').bytes
  } catch {
    return Number.NaN
  }
}
