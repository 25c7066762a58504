import { join, resolve } from 'node:path'
import { HeapproofError } from '../errors.js'
import { packageRoot } from '../package-root.js'
import { read } from '../reader.js'
import { createLogFiles } from '../session/log-files.js'
import {
  checkFileBase,
  MAX_SAMPLING_INTERVAL,
  MAX_STACK_DEPTH,
  type StartOptions,
} from '../session/options.js'
import { annotateFromDisk } from '../session/source-map-file.js'
import { parseSize } from '../text/bytes.js'
import { show } from '../text/show.js'
import { type Ending, runNode } from './run-node.js'
import { RUN_VARIABLE } from './run-variable.js'
import { findScript } from './script.js'

/** Options of `heapproof run`, as they were typed. */
export interface RunOptions {
  readonly output: string
  readonly interval?: string
  readonly depth?: string
}

/** Runs a program under the sampler, in a Node like this one, and says on stderr where the profile is. */
export async function run(script: string | undefined, args: string[], options: RunOptions): Promise<Ending> {
  const path = findScript(script)
  const settings = settingsOf(options)
  checkFileBase(options.output)
  createLogFiles(options.output).discard() // better refused now than by a program that already runs

  const ending = await runNode({
    nodeOptions: ['--require', join(packageRoot(), 'dist/preload.cjs')],
    script: path,
    args,
    variables: { [RUN_VARIABLE]: JSON.stringify({ fileBase: resolve(options.output), ...settings }) },
  })
  finish(options.output, ending)
  return ending
}

function settingsOf({ interval, depth }: RunOptions): StartOptions {
  return {
    ...(interval !== undefined && {
      samplingInterval: wholeNumber('--interval', interval, MAX_SAMPLING_INTERVAL),
    }),
    ...(depth !== undefined && { stackDepth: wholeNumber('--depth', depth, MAX_STACK_DEPTH) }),
  }
}

/** A count, or for the interval a size with its unit. */
function wholeNumber(option: string, typed: string, max: number): number {
  const isSize = option === '--interval' && !/^\d+$/.test(typed)
  const value = isSize ? sizeOrNothing(typed) : /^\d+$/.test(typed) ? Number(typed) : Number.NaN
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  const what = option === '--interval' ? 'a whole number of bytes' : 'a whole number'
  throw new HeapproofError(
    'invalid-argument',
    `${option} must be ${what} from 1 to ${max}, received ${show(typed)}`,
  )
}

function sizeOrNothing(typed: string): number {
  try {
    return parseSize(typed, '--interval').bytes
  } catch {
    return Number.NaN
  }
}

/** Nothing is said of a profile that another process made: the program did not get as far as recording. */
function finish(fileBase: string, { pid, signal }: Ending): void {
  try {
    using profile = read(fileBase)
    if (profile.header?.pid !== pid) return
    if (profile.end === undefined) annotateFromDisk(fileBase)
    // A signal ended the program before it could say this.
    else if (profile.end !== '' && signal !== null)
      console.error(`heapproof: the recording stopped early: ${profile.end}`)
  } catch {
    return
  }
  console.error(
    `heapproof: profile in ${fileBase}.hpm and .hpd; see it with: npx heapproof top ${shellWord(fileBase)}`,
  )
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
