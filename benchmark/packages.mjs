import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { here } from './paths.mjs'

const require = createRequire(import.meta.url)

/** Whether a package of benchmark/package.json can be loaded by this Node; installs it when it is not there. */
export function isUsable(name) {
  if (loads(name)) return true
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const args = [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error']
  const { npm_config_local_prefix: _, ...env } = process.env // the folder npm believes to be in
  spawnSync(npm[0], args, { cwd: here, env, stdio: 'ignore' })
  return loads(name)
}

// In a process of its own: a binary for another Node would be remembered as failed.
function loads(name) {
  const script = `require(${JSON.stringify(resolved(name))})`
  return resolved(name) !== undefined && spawnSync(process.execPath, ['-e', script]).status === 0
}

function resolved(name) {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}
