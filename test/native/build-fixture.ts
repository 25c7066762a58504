import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.js'
import { install, prepared } from '../support/prepared.js'

const fixtures = join(packageRoot(), 'test/native/fixtures')

export interface AllocatingAddon {
  /**
   * Paths of the add-on, of the same with the C++ library inside, of a library that they can open themselves, and for
   * LD_PRELOAD: of an allocator, of what keeps heapproof from patching node, and of what counts its locks.
   */
  readonly addon: string
  readonly linkedStatically: string
  readonly library: string
  readonly preloaded: string
  readonly denying: string
  readonly locking: string
}

/** The add-on of `fixtures/allocating-addon`, compiled for the running Node when that has not been done. */
export function allocatingAddon(): AllocatingAddon {
  const folder = prepare('allocating-addon', (where) => {
    compile(where)
    // node-gyp calls everything .node, libraries too.
    for (const name of ['allocating', 'linked_statically', 'later', 'preloaded', 'denying', 'locking'])
      cpSync(join(where, 'build/Release', `${name}.node`), join(where, `${name}.node`))
    rmSync(join(where, 'build'), { recursive: true })
  })
  const path = (name: string) => join(folder, `${name}.node`)
  return {
    addon: path('allocating'),
    linkedStatically: path('linked_statically'),
    library: path('later'),
    preloaded: path('preloaded'),
    denying: path('denying'),
    locking: path('locking'),
  }
}

/** A folder to require `better-sqlite3` and `sharp` from: names of the packages that run on this Node. */
export function realAddons(): { readonly folder: string; readonly sqlite: string } {
  // Version 13 needs Node 22; version 12 brings no binary, and is compiled.
  const sqlite = Number(process.versions.node.split('.')[0]) < 22 ? 'better-sqlite3-12' : 'better-sqlite3'
  const folder = prepare('real-addons', (where) => {
    install(where)
    // Quickly rather than well: sqlite is one very large file.
    if (sqlite === 'better-sqlite3-12')
      compile(join(where, 'node_modules', sqlite), { CFLAGS: '-O1', CXXFLAGS: '-O1' })
  })
  return { folder, sqlite }
}

/** A copy of a fixture, worked on by `make` unless that was done before with the same files and the same Node. */
function prepare(name: string, make: (folder: string) => void): string {
  return prepared(join(fixtures, name), `${process.version} ${process.platform}-${process.arch}`, make)
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
