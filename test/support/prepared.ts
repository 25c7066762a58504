import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.js'

/** Outside what builds empty and npm installs; inside `node_modules`, so that our own packages are found from there. */
const cache = join(packageRoot(), 'node_modules/.cache/heapproof')

/**
 * A copy of a folder of files, worked on by `make` unless that was done before with the same files.
 *
 * @param key what else the work depends on.
 */
export function prepared(source: string, key: string, make: (folder: string) => void): string {
  const name = basename(source)
  const hash = createHash('sha256').update(key)
  for (const file of readdirSync(source).sort()) hash.update(file).update(readFileSync(join(source, file)))
  const folder = join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(join(folder, '.done'))) return folder
  // Another test may be making the same: whoever is first with all of it gives it its name.
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  cpSync(source, draft, { recursive: true })
  make(draft)
  writeFileSync(join(draft, '.done'), '')
  try {
    renameSync(draft, folder)
  } catch {
    rmSync(draft, { recursive: true })
  }
  return folder
}

/** Installs the packages that a folder's package.json names: by `npm ci`, or by `npm install` where it has no lockfile. */
export function install(folder: string): void {
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const how = existsSync(join(folder, 'package-lock.json'))
    ? ['ci']
    : ['install', '--legacy-peer-deps', '--no-package-lock']
  const [command = 'npm', ...args] = [
    ...npm,
    ...how,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const { npm_config_local_prefix: _, ...env } = process.env
  execFileSync(command, args, { cwd: folder, env, stdio: 'pipe' })
}

/** The `node_modules` of a folder with a package.json. */
export function installed(source: string): string {
  return join(prepared(source, '', install), 'node_modules')
}
