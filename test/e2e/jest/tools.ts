import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = join(here, '../../../node_modules')

/**
 * The `node_modules` of what people use with a version of Jest: installed when that has not been done
 * before, inside our own, where it finds Jest 30 and TypeScript.
 */
export function toolsFor(version: 29 | 30): string {
  const source = join(here, `tools/jest-${version}`)
  const wanted = readFileSync(join(source, 'package.json'))
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 16)
  const folder = join(modules, `.cache/heapproof/jest-${version}-${hash}`)
  if (existsSync(join(folder, '.done'))) return join(folder, 'node_modules')
  // Another test may be making the same: whoever is first with all of it gives it its name.
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  cpSync(source, draft, { recursive: true })
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const [command = 'npm', ...args] = [
    ...npm,
    'install',
    '--ignore-scripts',
    '--legacy-peer-deps',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const { npm_config_local_prefix: _, ...env } = process.env
  execFileSync(command, args, { cwd: draft, env, stdio: 'pipe' })
  writeFileSync(join(draft, '.done'), '')
  try {
    renameSync(draft, folder)
  } catch {
    rmSync(draft, { recursive: true })
  }
  return join(folder, 'node_modules')
}
