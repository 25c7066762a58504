import { beforeAll, describe, expect, test } from 'vitest'
import { cases, concurrent, expectCase, options, retried, testFile } from '../cases/bodies.js'
import { INSTALLING, Project, prepare, versions } from './project.js'

const CONFIG = `
  const { withHeapproof } = require('heapproof/jest/config')
  module.exports = withHeapproof({ reporters: ['./outcomes.cjs'] }, ${JSON.stringify(options)})
`
// Several files, so that there are workers.
const files = {
  'jest.config.js': CONFIG,
  'bodies.test.js': testFile('jest', cases),
  'retries.test.js': testFile('jest', retried),
  'beside.test.js': testFile('jest', concurrent),
}
const all = [...cases, ...retried, ...concurrent]
const ways = [
  ['in the process of Jest', ['-i']],
  ['in worker processes', ['-w', '2']],
  ['in worker threads', ['-w', '2', '--workerThreads']],
] as const

describe.each(versions)('Jest %i', (version) => {
  beforeAll(() => prepare(version), INSTALLING)

  test.each(ways)('measures every body and nothing else, %s', async (_, args) => {
    using project = new Project(version, files)
    const { tests, stderr } = await project.run(args)
    expect(tests.size, stderr).toBe(all.length)
    for (const each of all) {
      try {
        expectCase('jest', each, tests.get(each.name))
      } catch (error) {
        ;(error as Error).message = `${each.name}: ${(error as Error).message}`
        throw error
      }
    }
  })

  test('callbacks and generators', async () => {
    using project = new Project(version, {
      ...files,
      'bodies.test.js': `
        const kept = []
        const take = (megabytes) => { kept.push(Buffer.alloc(megabytes * 1e6)) }
        test('done at once', (done) => { take(1); done() })
        test('done later', (done) => { take(1); setTimeout(() => { take(1); done() }, 2) })
        test.each([[1]])('each done %i', (n, done) => { take(n); setTimeout(done, 2) })
        test('done with an error', (done) => { take(1); done(new Error('its own')) })
        test('done twice', (done) => { done(); done() })
        test('generator', function* () { take(1); yield Promise.resolve(); take(1) })
      `,
    })
    const { tests } = await project.run(['-i'])
    const megabytes = (name: string) => Math.floor((tests.get(name)?.record?.arrayBuffers ?? -1e6) / 1e6)
    expect(megabytes('done at once')).toBe(1)
    expect(megabytes('done later')).toBe(2)
    expect(megabytes('each done 1')).toBe(1)
    expect(megabytes('generator')).toBe(2)
    expect(tests.get('done with an error')).toMatchObject({ status: 'failed', record: { version: 1 } })
    expect(tests.get('done with an error')?.message).toContain('its own')
    expect(tests.get('done twice')?.message).toContain('called multiple times')
    const known = ['done at once', 'done later', 'generator'].map((name) => tests.get(name)?.record?.reason)
    expect(known.filter((reason) => reason?.startsWith('the body could not be told'))).toEqual([])
  })

  test('tests that run at the same time are not told apart, and say so', async () => {
    using project = new Project(version, {
      ...files,
      'bodies.test.js': `
        const { heapLimit } = require('heapproof/jest')
        const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
        test.concurrent('one', async () => { await sleep(50) })
        test.concurrent('two', async () => { await sleep(50) })
        test.concurrent('limited', async () => { heapLimit({ allocated: '5MB' }); await sleep(50) })
        test('alone', async () => { await sleep(100) })
        test('alone again', async () => { await sleep(2) })
      `,
    })
    const { tests } = await project.run(['-i'])
    for (const name of ['one', 'two', 'limited']) {
      expect(tests.get(name)?.record).toMatchObject({
        certainty: 'unknown',
        reason: 'another test ran at the same time, and the counters count both',
      })
    }
    expect(tests.get('limited')?.message).toContain('cannot tell: ')
    expect(tests.get('alone again')?.record?.certainty).not.toBe('unknown')
  })

  test('what does not run has no record', async () => {
    using project = new Project(version, {
      ...files,
      'bodies.test.js': `
        test.skip('skipped', () => {})
        test.todo('to do')
        describe('hook', () => { beforeEach(() => { throw new Error('hook') }); test('fails', () => {}) })
        test('same name', () => {})
        test('same name', () => { Buffer.alloc(5e6) })
      `,
    })
    const { tests } = await project.run(['-i'])
    for (const name of ['skipped', 'to do', 'hook fails']) expect(tests.get(name)?.record).toBeUndefined()
    expect(tests.get('same name')?.record?.arrayBuffers).toBeGreaterThanOrEqual(5e6)
  })
})
