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
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.js'

const fixtures = join(packageRoot(), 'test/native/fixtures')
/** Outside `build/`, which node-gyp empties, and outside what npm installs. */
const cache = join(packageRoot(), 'node_modules/.cache/heapproof')

export interface AllocatingAddon {
  /** Paths of the add-on, of the library that it can open itself, and of an allocator for LD_PRELOAD. */
  readonly addon: string
  readonly library: string
  readonly preloaded: string
}

/** The add-on of `fixtures/allocating-addon`, compiled for the running Node when that has not been done. */
export function allocatingAddon(): AllocatingAddon {
  const folder = prepare('allocating-addon', (where) => {
    compile(where)
    // node-gyp calls everything .node, libraries too.
    for (const name of ['allocating', 'later', 'preloaded'])
      cpSync(join(where, 'build/Release', `${name}.node`), join(where, `${name}.node`))
    rmSync(join(where, 'build'), { recursive: true })
  })
  const path = (name: string) => join(folder, `${name}.node`)
  return { addon: path('allocating'), library: path('later'), preloaded: path('preloaded') }
}

/** A folder to require `better-sqlite3` and `sharp` from: names of the packages that run on this Node. */
export function realAddons(): { readonly folder: string; readonly sqlite: string } {
  // Version 13 needs Node 22; version 12 brings no binary, and is compiled.
  const sqlite = Number(process.versions.node.split('.')[0]) < 22 ? 'better-sqlite3-12' : 'better-sqlite3'
  const folder = prepare('real-addons', (where) => {
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
    const [command = 'npm', ...args] = [
      ...npm,
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]
    const { npm_config_local_prefix: _, ...env } = process.env
    execFileSync(command, args, { cwd: where, env, stdio: 'pipe' })
    // Quickly rather than well: sqlite is one very large file.
    if (sqlite === 'better-sqlite3-12')
      compile(join(where, 'node_modules', sqlite), { CFLAGS: '-O1', CXXFLAGS: '-O1' })
  })
  return { folder, sqlite }
}

/** A copy of a fixture, worked on by `make` unless that was done before with the same files and the same Node. */
function prepare(name: string, make: (folder: string) => void): string {
  const hash = createHash('sha256').update(`${process.version} ${process.platform}-${process.arch}`)
  for (const file of readdirSync(join(fixtures, name)).sort()) {
    hash.update(file).update(readFileSync(join(fixtures, name, file)))
  }
  const folder = join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(join(folder, '.done'))) return folder
  // Another test may be making the same: whoever is first with all of it gives it its name.
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  cpSync(join(fixtures, name), draft, { recursive: true })
  make(draft)
  writeFileSync(join(draft, '.done'), '')
  try {
    renameSync(draft, folder)
  } catch {
    rmSync(draft, { recursive: true })
  }
  return folder
}

function compile(folder: string, flags: Record<string, string> = {}) {
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const prefix = dirname(dirname(process.execPath))
  const headers = existsSync(join(prefix, 'include/node/node_version.h')) ? [`--nodedir=${prefix}`] : []
  // npm hands its configuration down as environment; a nodedir in it belongs to some other Node.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^npm_config_nodedir$/i.test(key)),
  )
  const build = [nodeGyp, 'rebuild', '--loglevel=error', ...headers]
  // What the compiler says is in the error, if there is one.
  execFileSync(process.execPath, build, {
    cwd: folder,
    env: { ...env, ...flags },
    stdio: 'pipe',
  })
}
