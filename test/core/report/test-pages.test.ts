import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reportRun } from '../../../src/core/report/report-run.js'
import { folderWith } from '../../support/command-line.js'
import { LogBuilder } from '../../support/log-builder.js'
import { outcome } from './outcomes.js'

const PROFILE = '.heapproof/feed.test.ts/imports'

function projectWith(profile: (fileBase: string) => void) {
  const root = folderWith()
  mkdirSync(join(root, '.heapproof/feed.test.ts'), { recursive: true })
  profile(join(root, PROFILE))
  const run = (html = true) =>
    reportRun([outcome('imports <b>', { profile: PROFILE })], { html }, { root, cwd: root, env: {} })
  return { root, page: join(root, `${PROFILE}.html`), run }
}

test('the index links the report page of each kept profile', () => {
  const { root, page, run } = projectWith((fileBase) => new LogBuilder().write(fileBase))
  expect(run().warnings).toEqual([])
  expect(readFileSync(page, 'utf8')).toContain('<title>Memory of imports &lt;b&gt;</title>')
  const index = readFileSync(join(root, '.heapproof/index.html'), 'utf8')
  expect(index).toContain('<a href="./feed.test.ts/imports.html">Report page of this test</a>')
})

test('a page is made anew when its profile is younger, and not otherwise', () => {
  const { root, page, run } = projectWith((fileBase) => new LogBuilder().write(fileBase))
  writeFileSync(page, 'old')
  expect(run().warnings).toEqual([])
  expect(readFileSync(page, 'utf8')).toBe('old')
  const later = statSync(page).mtimeMs / 1000 + 10
  utimesSync(join(root, `${PROFILE}.hpd`), later, later)
  run()
  expect(readFileSync(page, 'utf8')).toContain('<title>')
})

test('without the index there are no pages, and none of a profile that is gone', () => {
  const { root, page, run } = projectWith((fileBase) => new LogBuilder().write(fileBase))
  run(false)
  expect(existsSync(page)).toBe(false)
  rmSync(join(root, `${PROFILE}.hpm`))
  expect(run().warnings).toEqual([])
  expect(existsSync(page)).toBe(false)
})

test('a profile that cannot be read is a warning, and the index has the command', () => {
  const { root, run } = projectWith((fileBase) => {
    writeFileSync(`${fileBase}.hpm`, 'no profile at all')
    writeFileSync(`${fileBase}.hpd`, 'nor this')
  })
  expect(run().warnings).toEqual([
    expect.stringMatching(
      /^heapproof: no report page of the test imports <b>: .*not a|^heapproof: no report page/,
    ),
  ])
  const index = readFileSync(join(root, '.heapproof/index.html'), 'utf8')
  expect(index).toContain('<code>npx heapproof report .heapproof/feed.test.ts/imports</code>')
})
