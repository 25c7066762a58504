import { join } from 'node:path'
import { packageRoot } from '../package-root.js'
import type { StartOptions } from './options.js'

/** The environment variable that carries the settings of a run to every process of it, as JSON. */
export const RUN_VARIABLE = 'HEAPPROOF_RUN'

/** What every process of a run has to know. */
export interface RunSettings extends StartOptions {
  /** Absolute path. The first process to come takes it as it is, all others add their pid. */
  readonly fileBase: string
  /** Whether processes that the program starts are recorded too. */
  readonly children: boolean
  /** Whether worker threads are recorded too. */
  readonly workers: boolean
  /** A program that cannot be recorded ends at once, before it has begun. */
  readonly required?: boolean
  /** `stats` counts sizes and prints a summary; there are no files then. */
  readonly mode?: 'profile' | 'stats'
  /** The process that started the program. */
  readonly launcher?: number
}

/** The two variables of a run. */
export interface RunEnvironment {
  NODE_OPTIONS: string
  [RUN_VARIABLE]: string
}

/** The variables with which Node records itself and the processes it starts. Options already there are kept. */
export function runEnvironment(settings: RunSettings, environment: NodeJS.ProcessEnv): RunEnvironment {
  const others = withoutPreload(environment.NODE_OPTIONS)
  return {
    // First, so that modules which the user preloads are seen too.
    NODE_OPTIONS: others === '' ? requirePreload() : `${requirePreload()} ${others}`,
    [RUN_VARIABLE]: JSON.stringify(settings),
  }
}

/** Takes the variables of a run out again, so that processes started from now on do not record themselves. */
export function leaveRun(environment: NodeJS.ProcessEnv): void {
  const others = withoutPreload(environment.NODE_OPTIONS)
  if (others === '') delete environment.NODE_OPTIONS
  else environment.NODE_OPTIONS = others
  delete environment[RUN_VARIABLE]
}

function withoutPreload(nodeOptions = ''): string {
  return nodeOptions.replace(requirePreload(), '').trim()
}

/** Node takes text between double quotes as one word, and in it a backslash for the character behind it. */
function requirePreload(): string {
  return `--require "${join(packageRoot(), 'dist/preload.cjs').replace(/["\\]/g, '\\$&')}"`
}
