// Bundles src/ into dist/ with tsup. Does nothing when dist/ was already made from the same sources.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { oneAtATime } from './one-at-a-time.mjs'
import { root, sourceDigest } from './source-digest.mjs'

const dist = join(root, 'dist')
const fresh = join(root, 'dist.new')
const stampFile = join(dist, '.stamp')
const stamp = sourceDigest(['src', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts'])

oneAtATime('build-bundles', build)

function build() {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    console.log('bundles: dist/ is up to date')
  } else {
    rmSync(fresh, { recursive: true, force: true })
    const tsup = join(
      dirname(createRequire(import.meta.url).resolve('tsup/package.json')),
      'dist/cli-default.js',
    )
    const args = [tsup, '--silent', '--out-dir', 'dist.new']
    const { status, signal, error } = spawnSync(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    if (status !== 0) {
      console.error(`bundles: tsup failed (${error?.message ?? signal ?? `exit code ${status}`})`)
      process.exit(1)
    }
    for (const name of ['index.d.ts', 'index.d.cts']) sayWhatAreTypes(join(fresh, name))
    writeFileSync(join(fresh, '.stamp'), stamp)
    rmSync(dist, { recursive: true, force: true }) // swapped in one go, so that nothing stale stays behind
    renameSync(fresh, dist)
    console.log('bundles: dist/ is built')
  }
}

/**
 * The bundler declares a class of which only the type is exported as if the class itself were: an import of it would pass the
 * compiler and fail when the program is started. What the bundle does not export is made a type.
 */
function sayWhatAreTypes(path) {
  const values = Object.keys(createRequire(import.meta.url)(join(fresh, 'index.cjs')))
  const text = readFileSync(path, 'utf8')
  const list = text.lastIndexOf('export {')
  const names = text
    .slice(list)
    .replaceAll(/([{,] )(\w+)(?=[, ])/g, (whole, before, name) =>
      name === 'type' || values.includes(name) ? whole : `${before}type ${name}`,
    )
  writeFileSync(path, text.slice(0, list) + names)
}
