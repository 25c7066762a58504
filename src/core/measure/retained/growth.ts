/** What a series of rounds says about a limit. */
export type GrowthVerdict = 'kept' | 'exceeded' | 'unclear'

/** Fewest rounds that can say anything: five heads in a row have a probability of 3 %. */
export const FEWEST_ROUNDS = 5

const ERROR = 0.04

/**
 * Whether what a function retains per call is below the limit, by the growth of what is live in each round of calls.
 *
 *     live │              ┌───   rounds 1, 2, 3: grew by 3, by 3, by 2      all rounds grew, all by more than the limit:
 *          │         ┌────┘                                                 exceeded
 *          │    ┌────┘
 *          │────┘
 *          └──────────────────   rounds ──►                       limit ┌ 1
 *
 * The statistics are those of the sign test (Conover, Practical Nonparametric Statistics, section 3.4), which supposes
 * nothing about how the noise is distributed: when the median growth of a round is the limit, each round is above it with
 * probability 1/2 at most. So `k` or fewer of `n` rounds on one side have the probability `tail(k, n)`, and with the `k`
 * of `outliersIn(n)` that is at most 4 %.
 *
 * - kept: no more rounds than that grew by the limit or more.
 * - exceeded: every round grew, and no more than that grew by less than the limit.
 * - unclear: neither; what is live moves by more than the limit from round to round, or the growth is near the limit.
 *
 * How often a function is called leaking that retains nothing: every round has to grow. When what is live goes up and
 * down at random (a random walk), eight rounds grow with probability 2^-8. When it moves around a fixed level, which is
 * what V8's own tables do, growing eight times means that nine independent readings came in ascending order: 1 / 9!.
 * `retained` asks for two such series, the second with twice the calls, so that caches which fill up, and code that V8
 * is still optimising, grow by half as much a call: 2^-16 and less.
 */
export function growthVerdict(perCall: readonly number[], limit: number): GrowthVerdict {
  if (perCall.length < FEWEST_ROUNDS) return 'unclear'
  const outliers = outliersIn(perCall.length)
  const reached = perCall.filter((growth) => growth >= limit).length
  if (reached <= outliers) return 'kept'
  const all = perCall.every((growth) => growth > 0)
  return all && perCall.length - reached <= outliers ? 'exceeded' : 'unclear'
}

/** How many of `rounds` may lie on the other side: 0 up to seven rounds, 1 from eight, 2 from eleven. */
export function outliersIn(rounds: number): number {
  let k = 0
  while (tail(k + 1, rounds) <= ERROR) k++
  return k
}

/** Probability of `k` heads or fewer in `n` throws. */
function tail(k: number, n: number): number {
  let ways = 1
  let sum = 1
  for (let i = 1; i <= k; i++) {
    ways = (ways * (n - i + 1)) / i
    sum += ways
  }
  return sum / 2 ** n
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}

/** Bounds of the median, which leave out as many rounds on each side as may be outliers. */
export function boundsOf(perCall: readonly number[]): { low: number; high: number } {
  const sorted = [...perCall].sort((a, b) => a - b)
  const outliers = outliersIn(perCall.length)
  return { low: sorted[outliers] ?? 0, high: sorted[sorted.length - 1 - outliers] ?? 0 }
}
