// Compiles the native half.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

/**
 * Runs node-gyp in `folder`, which holds binding.gyp and native/, for the Node at `node`, with the headers below
 * `headers`, or with downloaded ones. Throws when it fails.
 */
export function compileAddon(folder, node, headers, stdout = 'inherit') {
  // npm hands its configuration down as environment, and it wins over arguments; a nodedir in it belongs to some other Node.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_nodedir$/i.test(name)),
  )
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const args = [nodeGyp, 'rebuild', '--loglevel=warn', '--jobs=max']
  if (headers !== undefined) args.push(`--nodedir=${headers}`)
  const { status, signal, error } = spawnSync(node, args, {
    cwd: folder,
    env,
    stdio: ['ignore', stdout, 'inherit'],
  })
  if (status !== 0) throw new Error(`node-gyp failed (${error?.message ?? signal ?? `exit code ${status}`})`)
}
