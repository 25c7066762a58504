import { rmSync, writeFileSync } from 'node:fs'
import { getEnvironmentData, isMainThread, setEnvironmentData, threadId } from 'node:worker_threads'
import { addon } from '../addon.js'
import { makeLinesExact } from '../session/exact-lines.js'
import { claimProcessBase, FAILURE_EXTENSION, threadBase } from '../session/parts.js'
import { leaveRun, RUN_VARIABLE, type RunSettings } from '../session/run-environment.js'
import { start } from '../session/start.js'

// Starts the recording of a process or worker thread, before its program; preload.ts requires it. The end of the thread
// ends the recording.

/** Where a process tells its worker threads how it records, whatever environment variables they get. */
const KEY = 'heapproof.run'

interface Process {
  readonly fileBase: string
  readonly settings: RunSettings
}

if (isMainThread) recordProcess(process.env[RUN_VARIABLE])
else recordThread(getEnvironmentData(KEY) as unknown as Process | undefined)

function recordProcess(variable: string | undefined): void {
  if (variable === undefined) return // somebody has taken it away, and left NODE_OPTIONS
  const settings: RunSettings = JSON.parse(variable)
  if (!settings.children) leaveRun(process.env)
  const fileBase = claimProcessBase(settings.fileBase, process.pid)
  setEnvironmentData(KEY, { fileBase, settings } as never)
  if (record(fileBase, settings)) process.on('removeListener', watchSignalAgain)
}

/**
 * A program that stops listening to a signal is then often about to send it to itself, to end by it: the recording
 * must not miss that.
 */
function watchSignalAgain(event: string | symbol): void {
  if (event === 'SIGTERM' || event === 'SIGINT' || event === 'SIGHUP') addon().flush()
}

/** Where the main thread could not be recorded, neither is this one. */
function recordThread(parent: Process | undefined): void {
  if (parent?.settings.workers) record(threadBase(parent.fileBase, threadId), parent.settings)
}

function record(fileBase: string, settings: RunSettings): boolean {
  const { fileBase: programBase, children, workers, required, mode, ...options } = settings
  try {
    makeLinesExact(addon(), true)
    start(fileBase, options)
    return true
  } catch (error) {
    fail(fileBase, (error as Error).message, settings)
    return false
  }
}

/** What the program itself prints is the user's; what its children print may be read by the program. */
function fail(fileBase: string, message: string, settings: RunSettings): void {
  rmSync(`${fileBase}.hpm`, { force: true })
  if (fileBase !== settings.fileBase) {
    writeFileSync(`${fileBase}.${FAILURE_EXTENSION}`, message)
    return
  }
  process.stderr.write(`heapproof: ${message}\n`)
  if (settings.required) process.exit(1)
}
