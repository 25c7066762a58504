import { orderBound } from './kendall.js'

/** What a series of rounds says about a limit. */
export type GrowthVerdict = 'kept' | 'exceeded' | 'unclear'

/** How fast what is live grows, per call. */
export interface Growth {
  /** The median of all slopes between two readings. */
  readonly slope: number
  /** Bounds of it: the true growth is below `low`, or above `high`, with a probability of at most 4 % each. */
  readonly low: number
  readonly high: number
}

/** Fewest rounds that can say anything. */
export const FEWEST_ROUNDS = 5

/**
 * How fast something grows of which readings were taken after each round, by Theil and Sen.
 *
 *     live │              ×          six readings, of which the fourth has nothing to do with the calls;
 *          │                 ·  ·    of the 15 slopes between two of them five are wrong,
 *          │        ·  ·             and the one in the middle is right
 *          │  ·  ·
 *          └────────────────────   rounds
 *
 * The median of the slopes between all pairs of readings is the growth. A straight line fitted by least squares would
 * follow the one wrong reading, and V8 does move by 100 kB for one reading or two (code that is being compiled). The
 * bounds are two of the sorted slopes, chosen by the distribution of Kendall's S; nothing is supposed about how the noise
 * is distributed, but that it does not depend on the round (P. K. Sen, Estimates of the regression coefficient based on
 * Kendall's tau, JASA 63, 1968).
 *
 * @param perCall growth in each round, bytes a call: the differences of the readings
 */
export function growthOf(perCall: readonly number[]): Growth {
  const slopes: number[] = []
  for (let first = 0; first < perCall.length; first++) {
    let grown = 0
    for (let last = first; last < perCall.length; last++) {
      grown += perCall[last] as number
      slopes.push(grown / (last - first + 1))
    }
  }
  slopes.sort((a, b) => a - b)
  const out = orderBound(perCall.length + 1)
  return { slope: median(slopes), low: slopes[out] ?? 0, high: slopes[slopes.length - 1 - out] ?? 0 }
}

/**
 * Whether what a function retains per call is below the limit.
 *
 * - kept: the growth is below the limit, and its upper bound too.
 * - exceeded: every round grew, and the lower bound of the growth reaches the limit.
 * - unclear: neither; what is live moves by more than the limit from round to round, or the growth is near the limit.
 *
 * How often a function is called leaking that retains nothing: every round has to grow. When what is live moves around a
 * level, as V8's own tables make it do, growing eight times means that nine independent readings came in ascending order:
 * 1 / 9!, three in a million. When it goes up and down at random and does not come back (a random walk), eight rounds grow
 * with probability 2^-8. `retained` asks for two such series, the second with twice the calls, so that caches which fill up
 * and code that V8 still optimises grow by half as much a call: 2^-16, one in 65,536, at the most.
 */
export function growthVerdict(perCall: readonly number[], limit: number): GrowthVerdict {
  if (perCall.length < FEWEST_ROUNDS) return 'unclear'
  const { low, high } = growthOf(perCall)
  if (high < limit) return 'kept'
  return low >= limit && perCall.every((growth) => growth > 0) ? 'exceeded' : 'unclear'
}

/** The middle one of sorted values; of an even number the mean of the two in the middle. */
function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}
