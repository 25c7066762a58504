import { resolve } from 'node:path'
import { boolean, checkOptions } from '../text/options.js'
import { createLogFiles } from './log-files.js'
import { checkFileBase, type StartOptions, settingsFrom } from './options.js'
import { removeParts } from './parts.js'
import { type RunEnvironment, runEnvironment } from './run-environment.js'

/** How {@link childEnvironment} has a program recorded. */
export interface ChildOptions extends StartOptions {
  /** Whether the Node processes that the program starts are recorded too. Default true. */
  readonly children?: boolean
  /** Whether worker threads are recorded too. Default true. */
  readonly workers?: boolean
}

/**
 * Environment variables with which a Node program records itself from its first line to its end, as under
 * `heapproof run`: for a test of a command-line program, to measure the program and not the test runner.
 *
 * ```ts
 * spawnSync(process.execPath, ['cli.js'], { env: { ...process.env, ...childEnvironment('out/cli') } })
 * using profile = read('out/cli')
 * ```
 *
 * The first process that is started with them records into `fileBase.hpm` and `fileBase.hpd`; worker threads, and
 * processes that it starts, into files beside them: `fileBase.t1`, `fileBase.p1234`, `fileBase.p1234.t1`. Profiles of
 * an earlier run at this file base, with all such parts, are removed now. So call it once for each start of a program.
 * `NODE_OPTIONS` of this process are kept.
 *
 * @param fileBase path of the profile, without an extension; relative to the working directory of this process. Its
 *   directory must exist.
 * @throws HeapproofError `invalid-argument` or `cannot-write`.
 */
export function childEnvironment(fileBase: string, options?: ChildOptions): RunEnvironment {
  checkFileBase(fileBase)
  const { children, workers } = options ?? {}
  checkOptions('childEnvironment', { children, workers }, { children: boolean, workers: boolean })
  createLogFiles(fileBase).discard() // better refused now than by a program that already runs
  removeParts(fileBase)
  return recordingEnvironment(fileBase, options ?? {}, process.env)
}

/** The variables of {@link childEnvironment}, for a program that gets `environment` otherwise; touches no file. */
export function recordingEnvironment(
  fileBase: string,
  { children = true, workers = true, ...recording }: ChildOptions,
  environment: NodeJS.ProcessEnv,
): RunEnvironment {
  const { sampling } = settingsFrom(recording)
  const table = 'table' in sampling && { samplingProbability: sampling.table } // a Map would not survive JSON
  return runEnvironment(
    { ...recording, ...table, fileBase: resolve(fileBase), children, workers },
    environment,
  )
}
