import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestRecord } from '../../../src/core/bracket/record.js'
import { masked, Project, type Run } from './project.js'
import { runnable } from './versions.js'

const kinds = [
  ['forks', ['--pool=forks']],
  ['threads', ['--pool=threads']],
  ['vmForks', ['--pool=vmForks']],
  ['vmThreads', ['--pool=vmThreads']],
  ['forks without isolation', ['--pool=forks', '--no-isolate', '--no-file-parallelism']],
  ['threads without isolation', ['--pool=threads', '--no-isolate', '--no-file-parallelism']],
] as const

const MEGABYTE = 1_000_000

describe.each(kinds)('every test in %s', (_, args) => {
  let project: Project
  let run: Run
  beforeAll(async () => {
    project = new Project('bracket')
    run = await project.run(...args)
  })
  afterAll(() => project.remove())

  const recordOf = (name: string): TestRecord => {
    const record = run.tests.get(name)?.record
    expect(record, `${name}\n${run.output}`).toBeDefined()
    return record as TestRecord
  }
  const failed = (name: string) => {
    expect(run.tests.get(name)?.status, run.output).toBe('failed')
    return run.tests.get(name)?.message ?? ''
  }

  test.each(['nothing', 'nothing, later'])('that allocates %s', (name) => {
    // Objects of Vitest's context are a few words larger in one pool than in another.
    expect(recordOf(name).allocated).toBeLessThanOrEqual(64)
    expect(recordOf(name).certainty).not.toBe('unknown')
    expect(recordOf(name).limits).toEqual([])
  })

  test.each([
    'a buffer',
    'a buffer, later',
    'a buffer, with fake timers',
    'a group each 1000000',
    'a group for 1000000',
    'with a fixture',
    'throws',
    'rejects',
    'is meant to fail',
    'is repeated',
    'measures something itself',
    'is not disturbed by it',
    'at the same time without waiting',
    'alone again',
  ])('counts its body and nothing else: %s', (name) => {
    const record = recordOf(name)
    // Node reads messages of other processes into buffers of 64 KiB.
    expect(record.arrayBuffers).toBeGreaterThanOrEqual(MEGABYTE)
    expect(record.arrayBuffers).toBeLessThan(1.4 * MEGABYTE)
    expect(record.certainty).not.toBe('unknown')
  })

  test('reports the last try, and the best repetition', () => {
    expect(run.tests.get('passes at the third try')?.status).toBe('passed')
    expect(recordOf('passes at the third try').arrayBuffers).toBeGreaterThanOrEqual(3 * MEGABYTE)
  })

  test.each(['skipped', 'skips itself', 'to do'])('has no record: %s', (name) => {
    expect(run.tests.get(name)?.record).toBeUndefined()
  })

  test('a test that timed out is measured until then, and what it still does is known', () => {
    failed('runs into its timeout')
    expect(run.output).toContain('timed out in 20ms')
    const record = recordOf('runs into its timeout')
    expect(record).toMatchObject({ certainty: 'approximate', reason: 'its body was still running' })
    expect(record.arrayBuffers).toBeLessThan(2 * MEGABYTE)
    expect(recordOf('overlapped by what timed out')).toMatchObject({ certainty: 'unknown' })
  })

  test('tests that overlap say so', () => {
    for (const name of ['first', 'second'])
      expect(recordOf(`at the same time ${name}`)).toMatchObject({
        certainty: 'unknown',
        reason: 'another test ran at the same time, and the counters count both',
      })
    expect(failed('at the same time with a limit')).toMatch(/heapLimit\(\): cannot tell: \d tests run at the/)
    expect(run.tests.get('at the same time with a limit, without waiting')?.status).toBe('passed')
  })

  test('a limit of a test fails it at its end', () => {
    expect(masked(failed('allocates too much'))).toBe(
      [
        'HeapproofError: heapLimit({"allocated": "100 kB"})',
        ' limit # B\n allocated # B (#)\n # B heap, # B array buffers',
      ].join('\n\n'),
    )
    expect(failed('allocates too much, later')).toContain('heapLimit({"allocated": "100KiB"})')
    expect(failed('retains too much')).toMatch(/limit +100 kB\n +retained +\d+ kB/)
    expect(failed('has too high a peak')).toMatch(/limit +2 MB\n +peak +[\d.]+ MB/)
    const verdicts = (name: string) => recordOf(name).limits.map(({ kind, verdict }) => `${kind} ${verdict}`)
    expect(verdicts('allocates too much')).toEqual(['allocated exceeded'])
    expect(verdicts('retains too much')).toEqual(['retained exceeded'])
    expect(verdicts('keeps all limits')).toEqual(['allocated kept', 'retained kept', 'peak kept'])
  })

  test.each([
    'keeps all limits',
    'retains nothing',
    'a later call replaces a limit',
    'takes a limit back',
    'is tried again',
    'outside of a test',
  ])('passes: %s', (name) => {
    expect(run.tests.get(name), run.output).toMatchObject({ status: 'passed' })
  })

  test('shows where the limit was set, and no line of ours', () => {
    const { line } = project.find('limits.test.ts', "heapLimit({ allocated: '100 kB' })")
    expect(run.output).toContain(`limits.test.ts:${line}:`)
    expect(run.output).not.toMatch(/setup\.js|heapproof\/dist|main\/dist|vitest\.js:\d/)
  })

  test('the error of the test itself comes first', () => {
    expect(failed('fails by itself, too')).toMatch(/^Error: mine/)
    expect(recordOf('fails by itself, too').limits).toMatchObject([{ verdict: 'exceeded' }])
  })

  test('says what is wrong with a limit', () => {
    expect(failed('misspelt')).toContain('heapLimit(): unknown option "alocated"; did you mean "allocated"?')
    expect(failed('no size')).toContain('heapLimit(): allocated: expected a number of bytes')
    expect(failed('no limit')).toContain("heapLimit(): expected limits, such as { allocated: '5MB' }")
  })
})

describe.each(runnable)('Vitest %s', (_, vitest) => {
  beforeAll(() => void vitest(), 600_000)

  test('a runner of the user is measured too', async () => {
    using project = new Project('own-runner', vitest())
    const { tests, output } = await project.run()
    const outcome = tests.get('a buffer')
    expect(outcome?.meta.ownRunner, output).toBe(true)
    expect(outcome?.record).toMatchObject({ arrayBuffers: MEGABYTE, certainty: 'exact' })
  })

  // As by those who collect tests in a way of their own. The runner's hook for a whole test is what is left then.
  test('a test whose function is not known is measured with what is around it, and says so', async () => {
    using project = new Project('own-runner', vitest())
    writeFileSync(
      join(project.root, 'one.test.ts'),
      `import * as vitest from 'vitest'
      const suite = vitest.TestRunner?.getCurrentSuite ?? (await import('vitest/' + 'suite')).getCurrentSuite
      suite().task('a buffer', { handler() { new Uint8Array(${MEGABYTE}) } })`,
    )
    const { tests, output } = await project.run()
    expect(tests.get('a buffer')?.record, output).toMatchObject({
      arrayBuffers: MEGABYTE,
      certainty: 'approximate',
      reason: 'the body could not be told from what the runner does around it',
    })
  })
})

test('limits for all tests, and for those of some files', async () => {
  using project = new Project('defaults')
  const { tests } = await project.run()
  const failing = [...tests].filter(([, { status }]) => status === 'failed').map(([name]) => name)
  expect(failing.sort()).toEqual(['over', 'over here'])
  expect(tests.get('over')?.message).toContain(
    'over the limits in the options of heapproof(): {"allocated": "2MB"}',
  )
  expect(tests.get('at the same time first')?.record?.limits).toMatchObject([{ verdict: 'cannot-tell' }])
  expect(tests.get('without a limit')?.record?.limits).toEqual([])
})

describe('profiles of tests', () => {
  const names = (project: Project) =>
    readdirSync(join(project.root, '.heapproof/some.test.ts')).filter((name) => name.endsWith('.hpd'))

  test('are kept of those that failed', async () => {
    using project = new Project('profiles')
    const { tests, output } = await project.run()
    expect(names(project), output).toEqual(['fails-in-a-matcher.hpd', 'fails.hpd', 'is-over-its-limit.hpd'])
    const { line } = project.find('src/work.ts', 'a line that allocates')
    for (const name of ['passes', 'fails', 'is over its limit'])
      expect(tests.get(name)?.record?.sites[0]).toMatchObject({
        function: 'makeObjects',
        file: 'src/work.ts',
        line,
      })
    expect(tests.get('fails')?.record?.profile).toBe('.heapproof/some.test.ts/fails')
    expect(tests.get('passes')?.record?.profile).toBeUndefined()
    const message = tests.get('is over its limit')?.message
    expect(message).toMatch(new RegExp(`makeObjects +src/work\\.ts:${line}:\\d+\n`))
    expect(message).toContain('Open it: npx heapproof top .heapproof/some.test.ts/is-over-its-limit')
    expect(tests.get('records something itself')?.status, output).toBe('passed')
    // As below: nothing, or V8 put machine code in place meanwhile, and the record says so.
    const nothing = tests.get('nothing')?.record
    expect(nothing?.allocated === 0 || nothing?.certainty === 'approximate').toBe(true)
    expect(nothing?.sites).toEqual([])
    expect(readdirSync(join(project.root, '.heapproof/.running'))).toEqual([])
  })

  test('are kept of all tests, or of none, when asked for', async () => {
    using project = new Project('profiles')
    await project.run({ KEEP: 'all' })
    expect(names(project)).toHaveLength(5)
    using other = new Project('profiles')
    await other.run({ KEEP: 'none' }, '--testNamePattern=fails$')
    expect(() => names(other)).toThrow('ENOENT')
  })

  test('are removed, the oldest first, when they take too much room', async () => {
    using project = new Project('profiles')
    const { output } = await project.run({ KEEP: 'all', MAX_SIZE: '10kB' })
    expect(output).toMatch(/heapproof: profiles took more than maxSize, 10 kB: the \d oldest were removed/)
    expect(names(project).length).toBeLessThan(5)
  })
})

test('a thousand empty tests read nothing', { retry: 0 }, async () => {
  using project = new Project('bracket')
  const lines = Array.from(
    { length: 500 },
    (_, i) => `test('sync ${i}', () => {})\ntest('async ${i}', async () => {})`,
  )
  writeFileSync(join(project.root, 'empty.test.ts'), `import { test } from 'vitest'\n${lines.join('\n')}\n`)
  const { tests } = await project.run('empty.test.ts')
  const records = [...tests.values()].map(({ record }) => record)
  expect(records).toHaveLength(1000)
  // When V8 puts machine code in place, of Vitest's functions for instance, it notes on the heap what the code depends on:
  // on a busy machine in one body of fifty. These say so.
  const others = records.filter((record) => record?.allocated !== 0)
  const silent = others.filter((record) => record?.certainty !== 'approximate' || record.reason === '')
  expect(silent).toEqual([])
  expect(others.length).toBeLessThan(100)
})

// Without compilers on threads of their own: when these are done with a function it may allocate half, and when is chance. And
// where a page of the young space ends moves from run to run; what V8 counts for the same arrays must not.
test('verdicts stay the same when a reproducible suite runs again', async () => {
  using project = new Project('bracket')
  writeFileSync(
    join(project.root, 'vitest.config.ts'),
    "import { heapproof } from 'heapproof/vitest'\n" +
      'export default { plugins: [heapproof({ report: false, snapshots: { reproducible: true } })] }\n',
  )
  const count = 40
  const bodies = [
    'makeObjects(n * 100)',
    'makeArrays(n)',
    'await null; makeObjects(n * 50)',
    'JSON.stringify([n])',
  ]
  const source = (limits: readonly number[]) => [
    "import { heapLimit } from 'heapproof/vitest'",
    "import { test } from 'vitest'",
    "import { makeObjects } from './src/work.js'",
    'const makeArrays = (n) => { for (let i = 0; i < n; i++) new Array(7000).fill(i) }',
    ...Array.from({ length: count }, (_, i) => {
      const limit = `heapLimit({ allocated: ${limits[i]} });`
      return `test('${i}', async () => { const n = ${i + 5}; ${limit} ${bodies[i % bodies.length]} })`
    }),
  ]
  const write = (limits: readonly number[]) =>
    writeFileSync(join(project.root, 'same.test.ts'), source(limits).join('\n'))
  // The argument of heapLimit() is an object of the test's own: the first run has it as well.
  write(new Array(count).fill(1e9))
  const first = await project.run('same.test.ts')
  const limits = Array.from({ length: count }, (_, i) =>
    Math.ceil((first.tests.get(String(i))?.record?.allocated as number) * 1.1),
  )
  expect(limits.every((limit) => limit > 0)).toBe(true)
  write(limits)
  for (let again = 0; again < 2; again++) {
    const { tests } = await project.run('same.test.ts')
    const broken = [...tests].filter(([, { status }]) => status !== 'passed')
    expect(broken.map(([name, { message }]) => `${name}: ${message}`)).toEqual([])
  }
})
