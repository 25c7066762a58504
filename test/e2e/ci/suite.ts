import type { Runner } from './checkouts.js'

/** Rows that a run parses: the change of the story makes twenty times as many objects of each. */
const FEED = (times: number) => `
function parse(rows) {
  const all = []
  for (let i = 0; i < rows; i++) {
    const row = { id: i, tags: [] }
    for (let copy = 0; copy < ${times}; copy++) row.tags.push({ name: 'tag', of: [i, copy] })
    all.push(row)
  }
  return all
}
function total(rows) {
  const sums = new Float64Array(rows)
  for (let i = 0; i < rows; i++) sums[i] = i
  return Array.from(sums, (sum) => ({ sum })).length
}
module.exports = { parse, total }
`

/** The source before and after the change. */
export const BEFORE = FEED(1)
export const AFTER = FEED(20)

const CONFIG: Readonly<Record<Runner, Readonly<Record<string, string>>>> = {
  vitest: {
    'vitest.config.mjs': `import { heapproof } from 'heapproof/vitest'
export default { plugins: [heapproof({ snapshots: { tolerance: '50%' } })], test: { globals: true, include: ['test/*.test.js'] } }
`,
  },
  jest: {
    'jest.config.js': `const { withHeapproof } = require('heapproof/jest/config')
module.exports = withHeapproof({ transform: {} }, { snapshots: { tolerance: '50%' } })
`,
  },
}

/** A project whose tests three shards share: parsing, totals, and one with a limit. */
export function suite(runner: Runner): Record<string, string> {
  const load = `const { parse, total } = ${runner === 'jest' ? 'require' : "(await import('node:module')).createRequire(import.meta.url)"}('../src/feed.js')\n`
  const head = runner === 'jest' ? load : `import { heapLimit } from 'heapproof/vitest'\n${load}`
  const limit = runner === 'jest' ? "const { heapLimit } = require('heapproof/jest')\n" : ''
  return {
    ...CONFIG[runner],
    'package.json': '{ "name": "feeds", "private": true }\n',
    '.gitignore': '.heapproof/\n',
    'src/feed.js': BEFORE,
    'test/parse.test.js': `${head}
test('parses', () => {
  expect(() => parse(2000)).toMatchHeapSnapshot()
})

test('parses little', () => {
  expect(() => parse(500)).toMatchHeapSnapshot()
})
`,
    'test/inline.test.js': `${head}
test('parses inline', () => {
  expect(() => parse(1000)).toMatchInlineHeapSnapshot()
})
`,
    'test/total.test.js': `${head}
test('adds up', () => {
  expect(() => total(2000)).toMatchHeapSnapshot()
})
`,
    'test/limit.test.js': `${head}${limit}
test('parses within its limit', () => {
  heapLimit({ allocated: '4 MB' })
  parse(2000)
})
`,
  }
}
