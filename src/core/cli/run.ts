import { resolve } from 'node:path'
import { createLogFiles } from '../session/log-files.js'
import { checkFileBase } from '../session/options.js'
import { removeParts } from '../session/parts.js'
import { runEnvironment } from '../session/run-environment.js'
import { finish } from './finish.js'
import { type Ending, runNode } from './run-node.js'
import { type RunOptions, settingsOf } from './run-options.js'
import { findScript } from './script.js'

const DEFAULT_BASE = 'heapproof'

/**
 * Runs a program under the sampler, in a Node like this one, and says on stderr which profiles there are. In mode
 * `stats` there are none, and each process and thread says itself what it has counted.
 */
export async function run(script: string | undefined, args: string[], options: RunOptions): Promise<Ending> {
  const path = findScript(script)
  const settings = settingsOf(options)
  const fileBase = options.output ?? DEFAULT_BASE
  const records = settings.mode !== 'stats'
  if (records) {
    checkFileBase(fileBase)
    createLogFiles(fileBase).discard() // better refused now than by a program that already runs
    removeParts(fileBase)
  }
  const own = { ...settings, fileBase: resolve(fileBase), launcher: process.pid }
  const ending = await runNode({ script: path, args, variables: { ...runEnvironment(own, process.env) } })
  if (records) finish(fileBase, ending)
  return ending
}
