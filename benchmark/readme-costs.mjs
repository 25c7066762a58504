// What heapproof costs, in short, for the README: rows of the tables in docs/performance.md, as they stand there.
//
//   node benchmark/readme-costs.mjs    # after those were measured anew
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../native/build/source-digest.mjs'
import { readTable } from './all/read-table.mjs'
import { putIntoPage } from './put-into-page.mjs'
import { markdown } from './table.mjs'

const PAGE = 'docs/performance.md'
const SUITES = {
  'Vitest, tiny': 'vitest-tiny',
  'Vitest, working': 'vitest-working',
  'Jest, tiny': 'jest-tiny',
  'Jest, working': 'jest-working',
}
const PROGRAMS = ['start-up', 'HTTP and JSON', 'TypeScript compile']

const page = readFileSync(join(root, PAGE), 'utf8')
const node = /Node v\d+/.exec(page)?.[0].replace('v', '') ?? missing('the version of Node')
const text = [
  `Instructions of a program that is recorded on ${node}, as a ratio to the same without a profiler:`,
  table(['heapproof, 128 KiB', 'node --heap-prof, 128 KiB', 'nothing, again'], PROGRAMS, (row, work) =>
    sectionOf('instructions').cell(row, work),
  ),
  `CPU time of 200 tests in 10 files on ${node}, as a ratio to the same without heapproof:`,
  table(
    ['counters and limits', 'counters, limits and profiles', 'nothing, again'],
    Object.keys(SUITES),
    (row, suite) => sectionOf(SUITES[suite]).cell(row, 'CPU'),
  ),
]
putIntoPage('README.md', 'costs', text.join('\n\n'))

function table(rows, columns, cell) {
  const lines = rows.map((row) => [row, ...columns.map((column) => cell(row, column) ?? missing(row))])
  return markdown([['', ...columns], ...lines])
}

function sectionOf(name) {
  const begin = page.indexOf(`<!-- ${name}: begin -->`)
  const text = page.slice(begin, page.indexOf(`<!-- ${name}: end -->`))
  return (begin >= 0 && readTable(text)) || missing(name)
}

function missing(name) {
  throw new Error(`${PAGE} does not have ${JSON.stringify(name)}`)
}
