import { beforeAll, describe, expect, test } from 'vitest'
import { hits } from '../cases/coverage.js'
import { INSTALLING, Project, prepare, versions } from './project.js'

const WORK = `
const kept = []
exports.take = function take(megabytes) {
  kept.push(Buffer.alloc(megabytes * 1e6))
}
exports.makePoints = function makePoints(count, label) {
  for (let i = 0; i < count; i++) {
    kept.push({ x: i, y: -i }) // a line that allocates
    if (label !== undefined) {
      kept.push(label) // never
    }
  }
}
exports.never = function never() {
  exports.take(1)
}
`
const lineOf = (part: string) => WORK.split('\n').findIndex((text) => text.includes(part)) + 1

const TEST = `
const { heapLimit } = require('heapproof/jest')
const { makePoints, take } = require('./work')
test('buffer', () => { take(1) })
test('buffer, later', async () => { await new Promise((resolve) => setTimeout(resolve, 1)); take(1) })
test('over', () => { makePoints(100_000) })
test('retained and peak', () => { heapLimit({ retained: '1MB', peak: '1MB' }); makePoints(10) })
test('matcher', () => { expect(() => makePoints(10_000)).toAllocateLessThan('1kB') })
`

describe.each(versions)('Jest %i', (version) => {
  beforeAll(() => prepare(version), INSTALLING)

  test.each(['babel', 'v8'])('while coverage is collected by %s', async (provider) => {
    using project = new Project(version, {
      'jest.config.js': `
        const { withHeapproof } = require('heapproof/jest/config')
        module.exports = withHeapproof(
          { reporters: ['./outcomes.cjs'], coverageReporters: ['json'], coverageProvider: '${provider}' },
          { report: false, limits: { allocated: '2MB' } },
        )`,
      'work.js': WORK,
      'work.test.js': TEST,
    })
    const { tests, stderr } = await project.run(['--coverage'])

    for (const name of ['buffer', 'buffer, later']) {
      const { status, record } = tests.get(name) ?? {}
      expect({ status, megabytes: Math.floor((record?.arrayBuffers ?? 0) / 1e6) }, stderr).toEqual({
        status: 'passed',
        megabytes: 1,
      })
    }
    for (const name of ['over', 'matcher'])
      expect(tests.get(name)?.message).toMatch(/makePoints +work\.js:\d+:\d+/)
    expect(tests.get('over')?.message).toContain('{"allocated": "2MB"}')
    expect(tests.get('retained and peak')?.status, stderr).toBe('passed')

    const { functions, missedLines } = hits(project.read('coverage/coverage-final.json'), 'work.js')
    expect(functions).toEqual({ take: true, makePoints: true, never: false })
    expect(missedLines).toContain(lineOf('exports.take(1)'))
    expect(missedLines).toContain(lineOf('// never'))
    expect(missedLines).not.toContain(lineOf('a line that allocates'))
  })
})
