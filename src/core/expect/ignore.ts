import { isAbsolute, relative, sep } from 'node:path'
import { DOMAINS, type Domain, type Frame, type Site } from '../types.js'

/** A line of code that allocates, for a function that says whether it counts. */
export type IgnoredFrame = Pick<Frame, 'function' | 'file' | 'line' | 'column'>

/** A glob of files, relative to the root of the project, or a function that says whether a line is to be ignored. */
export type IgnoreRule = string | ((frame: IgnoredFrame) => boolean)

/** What is left of a number when ignored lines are taken out. Bytes. */
export interface Remaining {
  readonly bytes: number
  /** Standard error of `bytes`. */
  readonly error: number
  /** What was taken out, and at how many lines. */
  readonly ignored: number
  readonly lines: number
}

/** Tells which sites are to be ignored. */
export function ignoring(
  rules: IgnoreRule | readonly IgnoreRule[],
  root: string,
): (site: IgnoredFrame) => boolean {
  const list: readonly IgnoreRule[] = Array.isArray(rules) ? rules : [rules]
  const globs = list.filter((rule) => typeof rule === 'string')
  const functions = list.filter((rule) => typeof rule === 'function')
  const matches = globs.length === 0 ? () => false : matcher(globs)
  return (site) => {
    const { function: name, file, line, column } = site
    const frame = { function: name, file, line, column }
    return matches(pathFrom(root, file)) || functions.some((ignores) => ignores(frame))
  }
}

function matcher(globs: readonly string[]): (path: string) => boolean {
  // Loaded with the first glob: few budgets have any.
  const picomatch = require('picomatch') as typeof import('picomatch').default
  return picomatch(globs, { dot: true })
}

/** With forward slashes; a URL as it is. Outside the root, as a package of a workspace is, without the leading `..` and `/`. */
function pathFrom(root: string, file: string): string {
  if (!isAbsolute(file)) return file
  return relative(root, file)
    .split(sep)
    .filter((part) => part !== '..')
    .join('/')
}

/**
 * What is left of counted bytes: in each domain the share of those samples that are not ignored.
 *
 * With `k` bytes sampled at lines that count and `i` at those that do not, the share is r = k / (k + i). Its variance, by
 * the first terms of its Taylor series, is (i^2 var(k) + k^2 var(i)) / (k + i)^4: the two are drawn independently
 * (Cochran, Sampling Techniques, chapter 6). The counted bytes add no doubt.
 *
 * @param of which bytes of a site: allocated, or live at the end
 */
export function remaining(
  counted: Readonly<Record<Domain, number>>,
  sites: readonly Site[],
  isIgnored: (site: Site) => boolean,
  of: 'self' | 'live' = 'self',
): Remaining {
  let [bytes, variance, ignored, lines] = [0, 0, 0, 0]
  for (const domain of DOMAINS) {
    const kept = { bytes: 0, variance: 0 }
    const out = { bytes: 0, variance: 0 }
    for (const site of sites) {
      if (site.domain !== domain || site[of] <= 0) continue
      const side = isIgnored(site) ? out : kept
      if (side === out) lines++
      side.bytes += site[of]
      // Of fewer samples, the live ones, the relative error is greater by the square root.
      side.variance += (site.self * site.error) ** 2 * (site[of] / site.self)
    }
    const all = kept.bytes + out.bytes
    const share = all === 0 ? 1 : kept.bytes / all
    bytes += counted[domain] * share
    ignored += counted[domain] * (1 - share)
    if (all > 0)
      variance +=
        counted[domain] ** 2 * ((out.bytes ** 2 * kept.variance + kept.bytes ** 2 * out.variance) / all ** 4)
  }
  return { bytes, error: Math.sqrt(variance), ignored, lines }
}
