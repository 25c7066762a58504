const ERROR = 0.04
const known = new Map<number, number>()

/**
 * How many of the sorted slopes between `readings` readings lie outside of a bound of their median, on either side: the
 * greatest number with which the bound fails with a probability of at most 4 %.
 *
 * Without any growth all orders of n readings are equally likely, and a slope is negative exactly where two readings are
 * in the wrong order. When at most `k` pairs are, the slope with index `k` of the sorted ones is not below 0: then the bound
 * fails. For a random order the probability of that follows from the Mahonian numbers. With nine readings it is 3.8 % for
 * nine of 36 pairs, so nine slopes lie outside; with six it is 2.8 % for two of 15.
 */
export function orderBound(readings: number): number {
  let bound = known.get(readings)
  if (bound === undefined) {
    bound = findBound(readings)
    known.set(readings, bound)
  }
  return bound
}

function findBound(readings: number): number {
  const chances = wrongPairs(readings)
  let sum = 0
  let k = 0
  for (const chance of chances) {
    sum += chance
    if (sum > ERROR) break
    k++
  }
  return Math.max(0, k - 1)
}

/** The probability of each number of wrong pairs in a random order: one more reading comes before 0 to n of the others. */
function wrongPairs(readings: number): Float64Array {
  let chances = Float64Array.of(1)
  for (let n = 1; n < readings; n++) {
    const next = new Float64Array(chances.length + n)
    let window = 0
    for (let pairs = 0; pairs < next.length; pairs++) {
      window += chances[pairs] ?? 0
      window -= chances[pairs - n - 1] ?? 0
      next[pairs] = window / (n + 1)
    }
    chances = next
  }
  return chances
}
