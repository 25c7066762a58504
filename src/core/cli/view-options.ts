import type { FlameGraphOptions } from '../flamegraph/flame-graph.js'
import { FLAME_VALUES } from '../flamegraph/of-view.js'
import { DOMAINS } from '../types.js'
import { oneOf } from './run-options.js'
import { startOf, timeOf } from './times.js'

/** Which bytes of profiles, as it was typed. */
export interface TypedView {
  readonly at?: string
  readonly from?: string
  readonly value?: string
  readonly domain?: string
}

/** @throws HeapproofError `invalid-argument`, naming the option. */
export function viewOptionsOf({ at, from, value, domain }: TypedView): FlameGraphOptions {
  return {
    ...(at !== undefined && { at: timeOf('--at', at) }),
    ...(from !== undefined && { from: startOf('--from', from) }),
    ...(value !== undefined && { value: oneOf('--value', value, FLAME_VALUES) }),
    ...(domain !== undefined && { domain: oneOf('--domain', domain, DOMAINS) }),
  }
}
