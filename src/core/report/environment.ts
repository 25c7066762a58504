import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package-root.js'
import { isObject } from './read-record.js'

/** What a runner says about itself. */
export interface RunnerFacts {
  /** `vitest` or `jest`. */
  readonly runner: string
  readonly runnerVersion: string
  /** Whether the code under test was instrumented to see which of it runs. */
  readonly coverage: boolean
  /** Whether V8's choices were made to repeat: option `snapshots.reproducible`. */
  readonly reproducible: boolean
}

/** Where a run took place, as far as its numbers depend on it. */
export interface RunEnvironment extends RunnerFacts {
  /** Version of Node without the `v`. */
  readonly node: string
  readonly platform: string
  readonly arch: string
  /** Version of heapproof. */
  readonly heapproof: string
}

/** The environment of this process. */
export function environmentOf(facts: RunnerFacts): RunEnvironment {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string
  }
  const { platform, arch, versions } = process
  return { node: versions.node, platform, arch, ...facts, heapproof: version }
}

/**
 * What has to be the same for two numbers to be compared: the major versions of Node and of the runner, platform and
 * architecture, coverage, and the version of heapproof, which may count differently: `Node 24 on linux x64, vitest 4,
 * heapproof 0.1.0`.
 */
export function comparableAs(environment: RunEnvironment | undefined): string {
  if (environment === undefined) return 'an environment that is not known'
  const { node, platform, arch, runner, runnerVersion, coverage, reproducible, heapproof } = environment
  const parts = [`Node ${major(node)} on ${platform} ${arch}`, `${runner} ${major(runnerVersion)}`]
  if (coverage) parts.push('coverage')
  if (reproducible) parts.push('reproducible')
  return [...parts, `heapproof ${heapproof}`].join(', ')
}

function major(version: string): string {
  return version.split('.', 1)[0] as string
}

const TEXTS = ['node', 'platform', 'arch', 'runner', 'runnerVersion', 'heapproof'] as const

/** An environment as it came back from a file; undefined when it is none. */
export function readEnvironment(value: unknown): RunEnvironment | undefined {
  if (!isObject(value) || !TEXTS.every((name) => typeof value[name] === 'string')) return undefined
  if (typeof value.coverage !== 'boolean' || typeof value.reproducible !== 'boolean') return undefined
  return value as unknown as RunEnvironment
}
