import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findReports } from '../../../src/core/compare/find-reports.js'
import { readReport } from '../../../src/core/compare/read-report.js'
import { folderWith } from '../../support/command-line.js'
import { FULL, outcome } from '../report/outcomes.js'
import { writeReport } from './reports.js'

test('finds reports at any depth, by what is in them and not by their names', () => {
  const folder = folderWith({ 'package.json': '{"name":"x"}', 'empty.json': '', 'broken.json': '{' })
  writeReport(folder, FULL, undefined, 'reports/memory.json')
  writeReport(folder, FULL, undefined, 'shard-1/.heapproof/report.json')
  writeReport(folder, FULL, undefined, 'node_modules/a/report.json')
  symlinkSync(folder, join(folder, 'loop'), 'junction')
  expect(findReports(folder)).toEqual([
    join(folder, 'reports/memory.json'),
    join(folder, 'shard-1/.heapproof/report.json'),
  ])
  expect(findReports(join(folder, 'package.json'))).toEqual([join(folder, 'package.json')])
})

test('finds a report that was printed in another way', () => {
  const folder = folderWith()
  const path = writeReport(folder, [outcome('a')])
  writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))))
  expect(findReports(folder)).toEqual([path])
  expect(readReport(path).tests).toMatchObject([{ name: 'a' }])
})

test('says when there is none', () => {
  const folder = folderWith({ 'package.json': '{}' })
  expect(() => findReports(join(folder, 'nowhere'))).toThrow(/nowhere: there is no such directory$/)
  expect(() => findReports(folder)).toThrow(
    `${folder}: no report below it; runs with heapproof leave one in .heapproof/report.json`,
  )
})

test('reads back what was written', () => {
  const { tests, environment, created } = readReport(writeReport(folderWith(), FULL))
  expect(tests).toHaveLength(FULL.length)
  expect(tests[0]).toMatchObject({
    name: 'imports > a large feed',
    file: 'test/feed.test.ts',
    line: 12,
    state: 'failed',
  })
  expect(tests[0]?.record).toEqual(FULL[0]?.record)
  expect(environment).toMatchObject({ node: '24.11.1', runner: 'vitest' })
  expect(created.getTime()).toBeGreaterThan(0)
})

test('says what is wrong with a report, and where', () => {
  const folder = folderWith()
  const good = { format: 'heapproof-report', version: 1, tests: [{ file: 'a', name: 'b', state: 'passed' }] }
  const withTest = (test: unknown) => ({ ...good, tests: [good.tests[0], test] })
  for (const [report, message] of [
    [[], 'format: expected "heapproof-report", received undefined'],
    [null, 'it: expected an object, received null'],
    [{ ...good, format: 'x' }, 'format: expected "heapproof-report", received "x"'],
    [{ ...good, version: 2 }, 'version: expected 1, which is what this heapproof reads, received 2'],
    [{ ...good, tests: {} }, 'tests: expected a list, received {}'],
    [withTest(null), 'tests[1]: expected an object, received null'],
    [withTest({ ...good.tests[0], name: 5 }), 'tests[1].name: expected a string, received 5'],
    [withTest({ ...good.tests[0], line: 'x' }), 'tests[1].line: expected a whole number, received "x"'],
    [
      withTest({ file: 'a', name: 'b' }),
      'tests[1].state: expected passed, failed or skipped, received undefined',
    ],
  ] as const) {
    const path = join(folder, 'report.json')
    writeFileSync(path, JSON.stringify(report))
    expect(() => readReport(path)).toThrow(`${path}: ${message}`)
  }
})

test('says when a report was cut off, or cannot be read', () => {
  const folder = folderWith()
  const path = writeReport(folder, FULL)
  truncateSync(path, 500)
  expect(() => readReport(path)).toThrow(`${path}: is not JSON: `)
  mkdirSync(join(folder, 'folder.json'))
  expect(() => readReport(join(folder, 'folder.json'))).toThrow('cannot be read: EISDIR')
})
