import { isMainThread } from 'node:worker_threads'
import { addon } from '../addon.js'
import { makeLinesExact } from '../session/exact-lines.js'
import { start } from '../session/start.js'
import { RUN_VARIABLE } from './run-variable.js'

// Node requires this file before the program that `heapproof run` starts. The settings are taken out of the
// environment, and this file out of the options, so that neither its workers nor its children record into the same
// profile. The recording ends with the process.
const settings = process.env[RUN_VARIABLE]
if (settings !== undefined && isMainThread) {
  delete process.env[RUN_VARIABLE]
  const { fileBase, ...options } = JSON.parse(settings)
  try {
    makeLinesExact(addon(), true)
    start(fileBase, options)
  } catch (error) {
    process.stderr.write(`heapproof: ${(error as Error).message}\n`)
    process.exit(1)
  }
  const own = process.execArgv.indexOf(__filename)
  if (own >= 1) process.execArgv.splice(own - 1, 2) // --require <this file>: child_process.fork copies them
}
