import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ADAPTERS = fileURLToPath(new URL('adapters', import.meta.url))
const TEXT = /\.(?:[cm]?[jt]s|json)$/

/**
 * A folder to run suites in, as npm would lay it down: the packages of `installed`, `heapproof` as it would be published, and
 * `vitest` from wherever it is. `node_modules` of the suites themselves is that of the whole folder.
 */
export class Workspace {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'heapproof-suites-')))
  #installed

  constructor({ installed, heapproof, vitest }) {
    this.#installed = join(installed, 'node_modules')
    const modules = join(this.root, 'node_modules')
    mkdirSync(modules)
    for (const name of readdirSync(this.#installed)) {
      if (!['.bin', 'vitest', 'vite'].includes(name))
        symlinkSync(join(this.#installed, name), join(modules, name))
    }
    symlinkSync(vitest ?? join(this.#installed, 'vitest'), join(modules, 'vitest'))
    // As it would be published: what is in build/ is for one Node alone.
    for (const part of ['package.json', 'dist', 'prebuilds'])
      cpSync(join(heapproof, part), join(modules, 'heapproof', part), { recursive: true })
    symlinkSync(join(heapproof, 'node_modules/node-gyp-build'), join(modules, 'node-gyp-build'))
    for (const name of ['node-test', 'mocha']) {
      mkdirSync(join(modules, `${name}-adapter`))
      cpSync(adapter(`${name}.cjs`), join(modules, `${name}-adapter/index.js`))
    }
  }

  /** Copies the folder of a suite, its files prepared for the runners; returns its path and the manifest of the package. */
  copy(name, { folder, prepared = (_, text) => text }) {
    const from = folder ?? join(this.#installed, name)
    const to = join(this.root, name)
    rmSync(to, { recursive: true, force: true })
    cpSync(from, to, {
      recursive: true,
      dereference: true,
      filter: (path) => basename(path) !== 'node_modules',
    })
    for (const entry of readdirSync(to, { recursive: true })) {
      const path = join(to, entry)
      if (!TEXT.test(entry) || !statSync(path).isFile()) continue
      const text = readFileSync(path, 'utf8')
      const changed = prepared(relative(to, path), text)
      if (changed !== text) writeFileSync(path, changed)
    }
    // Packages that npm had to lay inside of the package, because another version of them is above.
    if (folder === undefined && existsSync(join(from, 'node_modules')))
      symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'))
    const manifest = join(to, 'package.json')
    if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }')
    return { folder: to, manifest: JSON.parse(readFileSync(manifest, 'utf8')) }
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** A file of the folder of adapters. */
export const adapter = (name) => join(ADAPTERS, name)
