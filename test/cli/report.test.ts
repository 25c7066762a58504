import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CLI, folderWith, heapproof, withFilesUpTo } from '../support/command-line.js'
import { LogBuilder } from '../support/log-builder.js'

function folderWithLog(end = true): string {
  const cwd = folderWith()
  const log = new LogBuilder()
  log.events.sampling(0, 'heap', 0).alloc(1000, log.trace([{ url: `file://${cwd}/a.js`, line: 2 }]), 48)
  if (end) log.events.end(2000, '')
  log.write(`${cwd}/log`)
  writeFileSync(`${cwd}/a.js`, '\nmakesThings()\n')
  return cwd
}

test('writes the page beside the profile, or where it is told to', () => {
  const cwd = folderWithLog()
  expect(heapproof(['report', 'log'], { cwd })).toEqual({
    ...{ code: 0, signal: null, stdout: '' },
    stderr: 'heapproof: report in log.html\n',
  })
  const args = ['report', 'log.hpd', '-o', 'a/b.html', '--title', 'Of <me>', '--no-source']
  expect(heapproof(args, { cwd })).toMatchObject({ code: 0, stderr: 'heapproof: report in a/b.html\n' })
  expect(readFileSync(`${cwd}/a/b.html`, 'utf8')).toContain('<title>Memory of Of &lt;me&gt;</title>')
  expect(readdirSync(cwd).sort()).toEqual(['a', 'a.js', 'log.hpd', 'log.hpm', 'log.html'])
})

test('a profile that was cut has a page, and a word on it', () => {
  const cwd = folderWithLog(false)
  expect(heapproof(['report', 'log'], { cwd }).stderr).toBe(
    'heapproof: log: was cut, or is still being written, and is read as far as it goes\nheapproof: report in log.html\n',
  )
})

test.each([
  [['report', 'none'], 'none: no profile here: none.hpm and none.hpd are missing'],
  [['report', 'log', '--against', 'none'], 'none: no profile here: none.hpm and none.hpd are missing'],
  [['report', 'log', '-o', 'log.hpd'], 'log.hpd: is log.hpd, which is to be read'],
  [['report', 'log', '-o', ''], '--output must not be empty'],
  [['report', 'log', '--no-source', '--source-root', '.'], '--source-root does not go with --no-source'],
  [['report', 'log', '--agianst', 'x'], "unknown option '--agianst' (Did you mean --against?)"],
  [['report'], "missing required argument 'base'"],
])('%j: %s', (args, message) => {
  const cwd = folderWithLog()
  expect(heapproof(args, { cwd })).toMatchObject({ code: 1, stdout: '', stderr: `heapproof: ${message}\n` })
  expect(existsSync(`${cwd}/log.html`)).toBe(false)
})

test('a page that does not fit on the disk leaves what was there', () => {
  const cwd = folderWithLog()
  writeFileSync(`${cwd}/log.html`, 'old')
  const { code, stderr } = withFilesUpTo(8192, [CLI, 'report', 'log'], { cwd })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^heapproof: log\.html: cannot be written: EFBIG/)
  expect(readFileSync(`${cwd}/log.html`, 'utf8')).toBe('old')
  expect(readdirSync(cwd).sort()).toEqual(['a.js', 'log.hpd', 'log.hpm', 'log.html'])
})
