import type { OptionRule } from '../text/options.js'
import { DOMAINS } from '../types.js'

/** A time in a recording. */
export const AT: OptionRule = (value) =>
  value === 'peak' || value === 'end' || (typeof value === 'number' && value >= 0)
    ? undefined
    : "a number of seconds from the start, 'peak' or 'end'"

export const DOMAIN: OptionRule = (value) =>
  (DOMAINS as readonly unknown[]).includes(value) ? undefined : "'heap', 'arrayBuffer' or 'native'"
