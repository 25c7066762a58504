import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'

/**
 * Lays heapproof into the `node_modules` of a project as npm would, because runners transform what does not lie there, and
 * beside it `runner`, installed in the folder `installed`. `from` is a built copy of this repository.
 */
export function layDown(project, runner, installed, from = root) {
  const modules = join(project, 'node_modules')
  const heapproof = join(modules, 'heapproof')
  mkdirSync(heapproof, { recursive: true })
  for (const part of ['package.json', 'dist', 'prebuilds', 'build/Release/heapproof.node']) {
    if (existsSync(join(from, part))) cpSync(join(from, part), join(heapproof, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules/node-gyp-build'), join(modules, 'node-gyp-build'), 'junction')
  symlinkSync(installed, join(modules, runner), 'junction')
}
