import type { StartOptions } from '../session/options.js'
import { parseSamplingInterval, parseStackDepth } from '../session/parse.js'

/** The environment variables that start a live view as soon as heapproof is loaded. */
export const INTERVAL_VARIABLE = 'HEAPPROOF_SAMPLING_INTERVAL'
export const DEPTH_VARIABLE = 'HEAPPROOF_STACK_DEPTH'

/**
 * What the environment asks for: undefined, without an interval or with `0`. The depth counts only beside an interval.
 *
 * @throws HeapproofError `invalid-argument`, which begins with the name of the variable.
 */
export function optionsFromEnvironment(environment: NodeJS.ProcessEnv): StartOptions | undefined {
  const { [INTERVAL_VARIABLE]: interval = '', [DEPTH_VARIABLE]: depth = '' } = environment
  if (interval === '' || interval === '0') return undefined
  return {
    samplingInterval: parseSamplingInterval(INTERVAL_VARIABLE, interval),
    ...(depth !== '' && { stackDepth: parseStackDepth(DEPTH_VARIABLE, depth) }),
  }
}
