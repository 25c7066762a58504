import { relativeTo } from '../expect/profiles.js'
import { type Limits, readLimits } from './limits.js'
import type { BracketOptions } from './options.js'

/** The limits that the options give to the tests of a file: `limits`, then whatever of `limitsFor` matches, in order. */
export async function limitsFor(
  file: string,
  root: string,
  { limits, limitsFor = [] }: Pick<BracketOptions, 'limits' | 'limitsFor'>,
): Promise<Limits> {
  const path = relativeTo(root, file)
  let result = readLimits('limits', limits, false)
  if (limitsFor.length === 0) return result
  const { default: picomatch } = await import('picomatch')
  for (const each of limitsFor) {
    if (picomatch(each.files, { dot: true })(path)) {
      result = readLimits('limits', each.limits, false, result)
    }
  }
  return result
}
