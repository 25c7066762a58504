/**
 * Makes whole numbers out of fractions so that nothing is lost or added on the way: after each number, what was given
 * out is the sum of what came in, rounded.
 *
 *    in    0.4  0.4  0.4  2.5      sum 3.7
 *    out   0    1    0    3        sum 4
 *
 * So the total of an export is that of its view, to less than a byte, however many stacks it has; and each number is
 * off by less than one.
 */
export class WholeNumbers {
  #sum = 0
  #given = 0

  next(value: number): number {
    // Sizes and scales of a damaged file can come to Infinity.
    if (value > 0) this.#sum = Math.min(this.#sum + value, Number.MAX_SAFE_INTEGER)
    const whole = Math.max(0, Math.round(this.#sum) - this.#given)
    this.#given += whole
    return whole
  }
}
