import { join } from 'node:path'
import { expect, test } from 'vitest'
import { classify } from '../../../src/core/frames/classify.js'
import { fileOfUrl, urlOfScript } from '../../../src/core/frames/file.js'
import { packageRoot } from '../../../src/core/package-root.js'

test.each([
  ['', 'node'],
  ['node:fs', 'node'],
  ['node:internal/modules/cjs/loader', 'node'],
  ['/app/src/feed.ts', 'user'],
  ['/app/vitest/feed.ts', 'user'],
  ['webpack://app/src/feed.ts', 'user'],
  ['evalmachine.<anonymous>', 'user'],
  ['/app/node_modules/lodash/map.js', 'dependency'],
  ['/app/node_modules/@babel/core/lib/index.js', 'dependency'],
  ['/app/node_modules/vitest/node_modules/left-pad/index.js', 'dependency'],
  ['/app/node_modules/jesting/index.js', 'dependency'],
  ['file://host/node_modules/left-pad/index.js', 'dependency'],
  ['/app/node_modules/vitest/dist/chunks/base.js', 'runner'],
  ['/app/node_modules/@vitest/runner/dist/index.js', 'runner'],
  ['/app/node_modules/.pnpm/chai@5.2.0/node_modules/chai/chai.js', 'runner'],
  ['/app/node_modules/tinyspy/dist/index.js', 'runner'],
  ['/app/node_modules/jest-circus/build/index.js', 'runner'],
  ['/app/node_modules/@jest/expect-utils/build/index.js', 'runner'],
  ['/app/node_modules/heapproof/dist/index.js', 'heapproof'],
  ['/app/node_modules/heapproof-extras/index.js', 'dependency'],
  ['/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node', 'native'],
  ['/app/node_modules/@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.42', 'native'],
  ['/app/src/also.ts', 'user'],
])('%s: %s', (file, kind) => {
  expect(classify(file)).toBe(kind)
})

test('heapproof knows itself where it is not in node_modules, and not its tests and examples', () => {
  expect(classify(join(packageRoot(), 'src/core/reader.ts'))).toBe('heapproof')
  expect(classify(join(packageRoot(), 'dist/index.js'))).toBe('heapproof')
  expect(classify(join(packageRoot(), 'test/core/any.test.ts'))).toBe('user')
  expect(classify(join(packageRoot(), 'examples/any/feed.ts'))).toBe('user')
})

test.each([
  ['file:///app/a.js', '/app/a.js'],
  ['file:///app/a%20b/%C3%A4.mjs?v=2', '/app/a b/ä.mjs'],
  ['file:///app/100%.js', 'file:///app/100%.js'],
  ['file://host/app/a.js', 'file://host/app/a.js'],
  ['/app/a b#c%20.js', '/app/a b#c%20.js'],
  ['node:fs', 'node:fs'],
  ['', ''],
])('the file of %j is %j', (url, file) => {
  expect(fileOfUrl(url)).toBe(file)
})

test.each([
  ['/app/a b#c.js', 'file:///app/a%20b%23c.js'],
  ['file:///app/a.js', 'file:///app/a.js'],
  ['evalmachine.<anonymous>', 'evalmachine.<anonymous>'],
])('the URL of script %j is %j', (script, url) => {
  expect(urlOfScript(script)).toBe(url)
})
