// Installs a folder's set of packages elsewhere, by its lockfile.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Copies `source`, which holds a package.json and its lockfile, to `target` and installs what they name, unless that very
 * lockfile was installed there before. Throws when npm fails.
 */
export function installLocked(source, target) {
  const lock = readFileSync(join(source, 'package-lock.json'), 'utf8')
  const done = join(target, 'node_modules/.installed')
  if (existsSync(done) && readFileSync(done, 'utf8') === lock) return
  rmSync(target, { recursive: true, force: true })
  cpSync(source, target, { recursive: true })
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const args = [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error']
  // npm's own configuration stays, a proxy or a registry may be in it; but not the folder it believes to be in.
  const { npm_config_local_prefix: _, ...env } = process.env
  const { status } = spawnSync(npm[0], args, { cwd: target, env, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error(`npm ci failed for ${source}`)
  cpSync(join(source, 'package-lock.json'), done)
}
