/** A recording switches V8's Maglev off, unless it is told not to. This is what that costs, without anything else. */
export const flags = {
  'no-maglev': { title: 'V8 without Maglev', options: () => ['--no-maglev'] },
}
