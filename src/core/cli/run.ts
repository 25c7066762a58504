import { resolve } from 'node:path'
import { createLogFiles } from '../session/log-files.js'
import { checkFileBase } from '../session/options.js'
import { removeParts } from '../session/parts.js'
import { runEnvironment } from '../session/run-environment.js'
import { finish } from './finish.js'
import { type Ending, runNode } from './run-node.js'
import { type RunOptions, settingsOf } from './run-options.js'
import { findScript } from './script.js'

/** Runs a program under the sampler, in a Node like this one, and says on stderr which profiles there are. */
export async function run(script: string | undefined, args: string[], options: RunOptions): Promise<Ending> {
  const path = findScript(script)
  const settings = settingsOf(options)
  const { output, children, workers } = options
  checkFileBase(output)
  createLogFiles(output).discard() // better refused now than by a program that already runs
  removeParts(output)

  const own = { ...settings, fileBase: resolve(output), children, workers, required: true }
  const ending = await runNode({ script: path, args, variables: { ...runEnvironment(own, process.env) } })
  finish(output, ending)
  return ending
}
