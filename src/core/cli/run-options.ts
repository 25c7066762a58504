import { HeapproofError } from '../errors.js'
import type { StartOptions } from '../session/options.js'
import { parseSamplingInterval, parseSamplingProbability, parseStackDepth } from '../session/parse.js'
import type { RunSettings } from '../session/run-environment.js'
import { show } from '../text/show.js'
import { DOMAINS, type Domain } from '../types.js'

/** Options of `heapproof run`, as they were typed. */
export interface RunOptions {
  readonly output?: string
  readonly mode?: string
  readonly interval?: string
  readonly sample?: string
  readonly depth?: string
  readonly domains?: string
  readonly source?: string
  readonly seed?: string
  readonly exactLines: boolean
  readonly children: boolean
  readonly workers: boolean
}

const MODES = ['profile', 'stats'] as const
const SOURCES = ['auto', 'direct', 'polled'] as const
const PROFILE_ONLY = ['output', 'sample', 'depth', 'source', 'seed'] as const

/** What was typed, without the file base. @throws HeapproofError `invalid-argument`, naming the option. */
export function settingsOf(typed: RunOptions): Omit<RunSettings, 'fileBase'> {
  const mode = oneOf('--mode', typed.mode ?? 'profile', MODES)
  const given = mode === 'stats' ? PROFILE_ONLY.find((name) => typed[name] !== undefined) : undefined
  if (given !== undefined) throw refused(`--${given} does not go with --mode stats, which records no profile`)
  const { children, workers } = typed
  return { ...recordingOf(typed), mode, children, workers, required: true }
}

function recordingOf(typed: RunOptions): StartOptions {
  const { interval, sample, depth, domains, source, exactLines, seed } = typed
  if (interval !== undefined && sample !== undefined) {
    throw refused('--interval and --sample are two ways to say the same: give one of them')
  }
  return {
    ...(interval !== undefined && { samplingInterval: parseSamplingInterval('--interval', interval) }),
    ...(sample !== undefined && { samplingProbability: parseSamplingProbability(sample, '--sample') }),
    ...(depth !== undefined && { stackDepth: parseStackDepth('--depth', depth) }),
    ...(domains !== undefined && { domains: domainsOf(domains) }),
    ...(source !== undefined && { source: oneOf('--source', source, SOURCES) }),
    ...(!exactLines && { exactLines }),
    ...(seed !== undefined && { seed: seedOf(seed) }),
  }
}

function domainsOf(typed: string): Domain[] {
  const names = typed.split(',').map((name) => name.trim())
  const isKnown = (name: string): name is Domain => (DOMAINS as readonly string[]).includes(name)
  if (names.every(isKnown) && new Set(names).size === names.length) return names
  throw refused(
    `--domains must be a list of ${DOMAINS.join(', ')} with commas between, received ${show(typed)}`,
  )
}

function seedOf(typed: string): number {
  const seed = /^\d+$/.test(typed) ? Number(typed) : 0
  if (seed >= 1 && Number.isSafeInteger(seed)) return seed
  throw refused(`--seed must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}, received ${show(typed)}`)
}

/** What was typed, when it is one of `known`. @throws HeapproofError `invalid-argument`, naming the option. */
export function oneOf<T extends string>(option: string, typed: string, known: readonly T[]): T {
  const found = known.find((name) => name === typed)
  if (found !== undefined) return found
  const list = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`
  throw refused(`${option} must be ${list}, received ${show(typed)}`)
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}
