import picomatch from 'picomatch'
import { relativeTo } from '../expect/profiles.js'
import { type Limits, readLimits } from './limits.js'
import type { BracketOptions } from './options.js'

/** The limits that the options give to the tests of a file: `limits`, then whatever of `limitsFor` matches, in order. */
export function limitsFor(
  file: string,
  root: string,
  { limits, limitsFor = [] }: Pick<BracketOptions, 'limits' | 'limitsFor'>,
): Limits {
  const path = relativeTo(root, file)
  let result = readLimits('limits', limits, false)
  for (const each of limitsFor) {
    if (picomatch(each.files, { dot: true })(path)) {
      result = readLimits('limits', each.limits, false, result)
    }
  }
  return result
}
