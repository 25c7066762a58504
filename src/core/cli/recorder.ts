import { rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { addon } from '../addon.js'
import { makeLinesExact } from '../session/exact-lines.js'
import type { StartOptions } from '../session/options.js'
import { claimProcessBase, FAILURE_EXTENSION, threadBase } from '../session/parts.js'
import { leaveRun, RUN_VARIABLE, type RunSettings } from '../session/run-environment.js'
import { start } from '../session/start.js'
import { gatherStats } from '../stats/gather-stats.js'
import { isMainThread, threadId } from '../thread.js'

// Starts the recording of a process or worker thread, before its program; preload.ts requires it. The end of the thread
// ends the recording.

/** What a process tells its worker threads, whatever environment variables they get. */
interface Process {
  /** Of its main thread; nowhere in mode `stats`. */
  readonly fileBase: string | undefined
  /** Whether it is the program itself, and not a process that the program has started. */
  readonly isProgram: boolean
  readonly settings: RunSettings
}

if (isMainThread()) recordProcess(process.env[RUN_VARIABLE])
else recordThread(addon().sharedText())

function recordProcess(variable: string | undefined): void {
  if (variable === undefined) return // somebody has taken it away, and left NODE_OPTIONS
  const settings: RunSettings = JSON.parse(variable)
  if (!settings.children) leaveRun(process.env)
  const own = settings.mode === 'stats' ? counted(settings) : claimed(settings)
  if (record(own, own.fileBase) && own.fileBase !== undefined) {
    process.on('removeListener', watchSignalAgain)
  }
}

function counted(settings: RunSettings): Process {
  return { fileBase: undefined, isProgram: process.ppid === settings.launcher, settings }
}

function claimed(settings: RunSettings): Process {
  const fileBase = claimProcessBase(settings.fileBase, process.pid)
  return { fileBase, isProgram: fileBase === settings.fileBase, settings }
}

function recordThread(text: string): void {
  if (text === '') return
  const own: Process = JSON.parse(text)
  if (!own.settings.workers) return
  record(own, own.fileBase === undefined ? undefined : threadBase(own.fileBase, threadId()))
}

function record(own: Process, fileBase: string | undefined): boolean {
  const options = startOptions(own.settings)
  try {
    if (isMainThread()) addon().shareText(JSON.stringify(own))
    if (fileBase !== undefined) {
      if (options.exactLines !== false && options.source !== 'polled') makeLinesExact(addon(), true)
      start(fileBase, options)
    } else {
      if (!own.isProgram) process.once('exit', sayWhichProcess)
      const { samplingInterval, domains } = options
      gatherStats({ samplingInterval, domains })
    }
    // One more listener than Node expects a program to need is no sign of a leak of the program's.
    process.setMaxListeners(process.getMaxListeners() + 1)
    return true
  } catch (error) {
    fail(own, fileBase, (error as Error).message)
    return false
  }
}

function startOptions(settings: RunSettings): StartOptions {
  const { fileBase, children, workers, required, mode, launcher, ...options } = settings
  return options
}

/** Before the summary, whose listener comes after this one. */
function sayWhichProcess(): void {
  const [, script] = process.argv
  const name = script === undefined || !isMainThread() ? '' : ` (${basename(script)})`
  process.stderr.write(`heapproof: process ${process.pid}${name}:\n`)
}

/**
 * A program that stops listening to a signal is then often about to send it to itself, to end by it: the recording
 * must not miss that.
 */
function watchSignalAgain(event: string | symbol): void {
  if (event === 'SIGTERM' || event === 'SIGINT' || event === 'SIGHUP') addon().flush()
}

/** What the program itself prints is the user's; what its children print may be read by the program. */
function fail({ isProgram, settings }: Process, fileBase: string | undefined, message: string): void {
  if (fileBase !== undefined) rmSync(`${fileBase}.hpm`, { force: true })
  if (isProgram && isMainThread()) {
    process.stderr.write(`heapproof: ${message}\n`)
    if (settings.required) process.exit(1)
  } else if (fileBase !== undefined) {
    writeFileSync(`${fileBase}.${FAILURE_EXTENSION}`, message)
  }
}
