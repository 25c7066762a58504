import { beforeAll, expect, test } from 'vitest'
import { INSTALLING, Project, prepare, versions } from './project.js'

const EACH = 200
const KINDS = ['() => {}', 'async () => {}', '(done) => { done() }']

/** A first call of our own code, or a page that V8 takes: once or twice in a thousand tests. */
const FEW = 0.02
const MOST = 8192

beforeAll(() => versions.forEach(prepare), 2 * INSTALLING)

test.each(versions)('Jest %i: empty tests read 0', { retry: 0 }, async (version) => {
  const tests = KINDS.flatMap((body) =>
    Array.from({ length: EACH }, (_, i) => `test('${body} ${i}', ${body})`),
  )
  using project = new Project(version, {
    'jest.config.js': `
      const { withHeapproof } = require('heapproof/jest/config')
      module.exports = withHeapproof({ reporters: ['./outcomes.cjs'] }, { report: false })`,
    'empty.test.js': tests.join('\n'),
  })
  const run = await project.run(['-i'])
  const read = [...run.tests.values()].map(({ record }) => record?.allocated ?? Number.NaN)
  expect(read, run.stderr).toHaveLength(KINDS.length * EACH)
  const others = read.filter((bytes) => bytes > 40) // of a callback what stands for it is counted, 24 or 32 bytes
  expect(others.length, `${others}`).toBeLessThan(FEW * read.length)
  expect(Math.max(...read)).toBeLessThan(MOST)
})
