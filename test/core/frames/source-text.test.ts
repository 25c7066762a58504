import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SourceText } from '../../../src/core/frames/source-text.js'
import { folderWith } from '../../support/command-line.js'

/** A folder with a project in it, and a secret beside the project. */
function project(files: Record<string, string | Uint8Array> = {}): { root: string; secret: string } {
  const folder = folderWith()
  const root = join(folder, 'project')
  for (const [name, content] of Object.entries({ 'main.js': 'one\ntwo\r\nthree', ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  const secret = join(folder, 'secret.txt')
  writeFileSync(secret, 'secret')
  return { root, secret }
}

test('gives lines of files under the root, by absolute path or from the root', () => {
  const { root } = project({ 'src/a.ts': 'a1\n\n  a3\n' })
  const text = new SourceText(root)
  expect([1, 2, 3, 4].map((line) => text.line(join(root, 'main.js'), line))).toEqual([
    'one',
    'two',
    'three',
    undefined,
  ])
  expect([1, 2, 3, 4, 5].map((line) => text.line('src/a.ts', line))).toEqual([
    'a1',
    '',
    '  a3',
    '',
    undefined,
  ])
  expect(text.line('src/../main.js', 1)).toBe('one')
})

test('counts lines as V8 does', () => {
  const { root } = project({ 'ends.js': '1\n2\r3\r\n4\u20285\u20296' })
  const text = new SourceText(root)
  expect([1, 2, 3, 4, 5, 6].map((line) => text.line('ends.js', line)).join('')).toBe('123456')
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 4])('there is no line %s', (line) => {
  expect(new SourceText(project().root).line('main.js', line)).toBeUndefined()
})

test('a byte order mark is no text, and bytes that are no UTF-8 are shown as such', () => {
  const { root } = project({
    'bom.js': '\uFEFFfirst',
    'broken.js': Uint8Array.of(0x61, 0xff, 0x62, 0x0a, 0xc3),
  })
  const text = new SourceText(root)
  expect(text.line('bom.js', 1)).toBe('first')
  expect(text.line('broken.js', 1)).toBe('a\uFFFDb')
  expect(text.line('broken.js', 2)).toBe('\uFFFD')
})

test('nothing outside of the root is read, whatever way leads there', () => {
  const { root, secret } = project()
  symlinkSync(secret, join(root, 'link.js'))
  symlinkSync(dirname(secret), join(root, 'up'))
  symlinkSync('link.js', join(root, 'twice.js'))
  const ways = [secret, '../secret.txt', join(root, '../secret.txt'), 'link.js', 'up/secret.txt', 'twice.js']
  const text = new SourceText(root)
  for (const way of [...ways, '/etc/passwd', '/proc/self/environ', '/proc/self/cwd/package.json']) {
    expect([way, text.line(way, 1)]).toEqual([way, undefined])
  }
  // The same files are found where they may be: the test would see them.
  const outside = new SourceText(dirname(secret))
  for (const way of ways.slice(2))
    expect(outside.line(join(root, way), 1) ?? outside.line(way, 1)).toBe('secret')
})

test('a folder whose name begins like that of the root is outside', () => {
  const { root } = project()
  mkdirSync(`${root}-other`)
  writeFileSync(`${root}-other/a.js`, 'other')
  expect(new SourceText(root).line(`${root}-other/a.js`, 1)).toBeUndefined()
  expect(new SourceText(root).line('../project-other/a.js', 1)).toBeUndefined()
})

test('a name that only looks like the way out is inside', () => {
  const { root } = project({ '..a/b.js': 'inside' })
  expect(new SourceText(root).line('..a/b.js', 1)).toBe('inside')
})

test('links within the root, and a root that is a link, are followed', () => {
  const { root } = project({ 'packages/a/index.js': 'linked' })
  mkdirSync(join(root, 'node_modules'))
  symlinkSync('../packages/a', join(root, 'node_modules/a'))
  expect(new SourceText(root).line('node_modules/a/index.js', 1)).toBe('linked')
  const alias = `${root}-alias`
  symlinkSync(root, alias)
  expect(new SourceText(alias).line(join(alias, 'main.js'), 1)).toBe('one')
  expect(new SourceText(alias).line(join(root, 'main.js'), 1)).toBe('one')
  expect(new SourceText(root).line(join(alias, 'main.js'), 1)).toBe('one')
})

test('links in a circle lead nowhere', () => {
  const { root } = project()
  symlinkSync('b.js', join(root, 'a.js'))
  symlinkSync('a.js', join(root, 'b.js'))
  expect(new SourceText(root).line('a.js', 1)).toBeUndefined()
})

test('what is no regular file is not opened: a named pipe would block', () => {
  const { root } = project()
  execFileSync('mkfifo', [join(root, 'pipe.js')])
  const text = new SourceText(root)
  for (const name of ['pipe.js', '.', '', root, 'missing.js', 'main.js/x', 'a\0b']) {
    expect([name, text.line(name, 1)]).toEqual([name, undefined])
  }
  for (const device of ['/dev/zero', '/dev/stdin', '/dev/fd/0', '/proc/kmsg']) {
    expect([device, new SourceText('/').line(device, 1)]).toEqual([device, undefined])
  }
})

test('URLs, modules of Node and network shares are no files', () => {
  const { root } = project()
  writeFileSync(join(root, 'node:fs'), 'a file of that name')
  const text = new SourceText(root)
  for (const name of [
    'node:fs',
    'https://example.test/main.js',
    pathToFileURL(join(root, 'main.js')).href,
    'data:text/javascript,one',
    'evalmachine.<anonymous>',
    '//host/share/main.js',
    '\\\\host\\share\\main.js',
  ]) {
    expect([name, text.line(name, 1)]).toEqual([name, undefined])
  }
})

test('a file of more than 10 MiB is not read', () => {
  const { root } = project({ 'just.js': 'just\n', 'over.js': 'over\n' })
  truncateSync(join(root, 'just.js'), 10 * 1024 * 1024)
  truncateSync(join(root, 'over.js'), 10 * 1024 * 1024 + 1)
  const text = new SourceText(root)
  expect(text.line('just.js', 1)).toBe('just')
  expect(text.line('over.js', 1)).toBeUndefined()
})

test('of all files together no more than 100 MiB are kept', () => {
  const { root } = project()
  const text = new SourceText(root)
  const found = Array.from({ length: 12 }, (_, index) => {
    writeFileSync(join(root, 'big.js'), 'big\n')
    truncateSync(join(root, 'big.js'), 10 * 1024 * 1024)
    const name = `big-${index}.js`
    execFileSync('mv', [join(root, 'big.js'), join(root, name)])
    const line = text.line(name, 1)
    rmSync(join(root, name))
    return line
  })
  expect(found.filter((line) => line === 'big')).toHaveLength(10)
  expect(text.line('main.js', 1)).toBeUndefined()
})

test('a file is opened once: later changes are not seen, by any of its names', () => {
  const { root } = project()
  symlinkSync('main.js', join(root, 'alias.js'))
  const text = new SourceText(root)
  expect(text.line('main.js', 1)).toBe('one')
  expect(text.line('late.js', 1)).toBeUndefined()
  appendFileSync(join(root, 'late.js'), 'late')
  writeFileSync(join(root, 'main.js'), 'changed')
  expect([text.line('main.js', 1), text.line('alias.js', 1), text.line('late.js', 1)]).toEqual([
    'one',
    'one',
    undefined,
  ])
  expect(new SourceText(root).line('alias.js', 1)).toBe('changed')
})

test('under a root that is not there nothing is found', () => {
  const { root } = project()
  expect(new SourceText(join(root, 'missing')).line(join(root, 'main.js'), 1)).toBeUndefined()
  expect(new SourceText('a\0b').line('main.js', 1)).toBeUndefined()
})

test('any name and any line give a text or nothing', () => {
  const { root } = project()
  const text = new SourceText(root)
  const names = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('main.js', './main.js', '__proto__'))
  fc.assert(
    fc.property(names, fc.oneof(fc.double(), fc.integer()), (name, line) => {
      expect(['undefined', 'string']).toContain(typeof text.line(name, line))
    }),
  )
})
