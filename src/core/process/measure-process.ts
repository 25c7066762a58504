import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeapproofError } from '../errors.js'
import { mergeProfiles } from '../merge/merge-profiles.js'
import { sites } from '../reduce/sites.js'
import { recordingEnvironment } from '../session/child-environment.js'
import { createLogFiles } from '../session/log-files.js'
import { DOMAINS, type Domain } from '../types.js'
import { withProfile } from '../with-profile.js'
import { checkCommand, checkProcessOptions, type ProcessOptions } from './options.js'
import type { ProcessMeasurement, ProcessPart } from './process-measurement.js'
import { nameOf, readParts } from './read-parts.js'
import { runCommand } from './run-command.js'

const DEFAULT_INTERVAL = 131_072

/**
 * Runs a command and measures what every Node process that it starts allocates, by line: from the first line of its own
 * code, without what Node needs to start, to its end. What this process allocates is not counted. The command may be
 * Node itself, a script with a `#!` line, or anything that starts Node in the end, such as `npx`.
 *
 * ```ts
 * const build = await measureProcess(process.execPath, ['build.js'], { cwd: project })
 * expect(build.exitCode).toBe(0)
 * expect(build).toAllocateLessThan('200MB')
 * ```
 *
 * The command's exit code is a result, not an error. Sizes are exact for every process that ended by itself, by
 * `process.exit()` or by an error that nobody caught; `doubts` names the others.
 *
 * @throws HeapproofError `invalid-argument`; `cannot-run` when there is no such command; `not-recorded` when no Node
 *   process was started, or none could be recorded; `cannot-write` when the profile cannot be kept. What `signal` gives as
 *   its reason.
 */
export async function measureProcess(
  command: string,
  args: readonly string[] = [],
  options?: ProcessOptions,
): Promise<ProcessMeasurement> {
  checkCommand(command, args)
  const given = checkProcessOptions(options)
  if (given.fileBase !== undefined) createLogFiles(given.fileBase).discard() // better refused now than at the end
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-'))
  try {
    return await measured(command, args, given, join(folder, 'run'))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function measured(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
  base: string,
): Promise<ProcessMeasurement> {
  const domains = options.domains ?? countedHere()
  const { samplingInterval = DEFAULT_INTERVAL, stackDepth, exactLines, children, workers } = options
  const recording = { samplingInterval, stackDepth, exactLines, children, workers, domains }
  const environment = options.env ?? process.env
  const env = { ...environment, ...recordingEnvironment(base, withoutUndefined(recording), environment) }
  const result = await runCommand(command, args, options, env)

  const { parts, fileBases, failures } = readParts(base, domains.includes('native'))
  if (parts.length === 0) throw notRecorded(command, failures)
  const merged = options.fileBase ?? `${base}-merged`
  await mergeProfiles(fileBases, merged)
  const summary = withProfile(merged, (reader) => sites(reader))
  const doubts = [...parts.filter(({ ended }) => ended !== '').map(doubtOf), ...failures]
  const [heap, arrayBuffers] = [sum(parts, 'heap'), sum(parts, 'arrayBuffers')]
  return {
    ...result,
    command: [command, ...args],
    allocated: heap + arrayBuffers,
    heap,
    arrayBuffers,
    native: domains.includes('native') ? sum(parts, 'native') : undefined,
    collections: sum(parts, 'collections'),
    exact: doubts.length === 0,
    doubts,
    parts,
    sites: summary.sites,
    samplingInterval,
    samplingError: summary.error,
    profile: options.fileBase,
  }
}

/** Native memory can be followed on Linux only. */
function countedHere(): readonly Domain[] {
  return process.platform === 'linux' ? DOMAINS : ['heap', 'arrayBuffer']
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<T>
}

function sum(
  parts: readonly ProcessPart[],
  what: 'heap' | 'arrayBuffers' | 'native' | 'collections',
): number {
  return parts.reduce((total, part) => total + (part[what] ?? 0), 0)
}

function doubtOf(part: ProcessPart): string {
  return `${nameOf(part)} was not counted to its end: ${part.ended}`
}

function notRecorded(command: string, failures: readonly string[]): HeapproofError {
  const why =
    failures.length === 0
      ? 'it started no Node process of version 20 or later, or one that takes no NODE_OPTIONS'
      : failures.join('; ')
  return new HeapproofError('not-recorded', `measureProcess: nothing of ${command} was counted: ${why}`)
}
