import { describe, expect, test } from 'vitest'
import { allocateLessThan, type MatcherResult } from '../../../src/core/expect/allocate-less-than.js'
import type { AllocateOptions } from '../../../src/core/expect/options.js'
import { isProcessMeasurement } from '../../../src/core/expect/process-budget.js'
import { measureProcess } from '../../../src/core/process/measure-process.js'
import type { ProcessMeasurement, ProcessPart } from '../../../src/core/process/process-measurement.js'
import type { Size } from '../../../src/core/text/bytes.js'

const part = (pid: number, heap: number, given: Partial<ProcessPart> = {}): ProcessPart => ({
  pid,
  thread: 0,
  command: ['/usr/bin/node', 'build.js'],
  heap,
  arrayBuffers: 0,
  native: 0,
  collections: 0,
  ended: '',
  ...given,
})

const measured = (given: Partial<ProcessMeasurement> = {}): ProcessMeasurement => ({
  exitCode: 0,
  signal: null,
  stdout: '',
  stderr: '',
  timedOut: false,
  command: ['node', 'build.js'],
  allocated: 7_000_000,
  heap: 5_000_000,
  arrayBuffers: 2_000_000,
  native: 1_000_000,
  collections: 3,
  exact: true,
  doubts: [],
  parts: [part(1, 5_000_000)],
  sites: [],
  samplingInterval: 131_072,
  samplingError: 0,
  profile: undefined,
  ...given,
})

const judged = (value: ProcessMeasurement, limit: Size, options?: AllocateOptions, isNot = false) =>
  allocateLessThan(value, limit, options, { isNot, root: '/project', cwd: '/project' }) as MatcherResult

describe('the verdict', () => {
  test.each<[string, Size, AllocateOptions | undefined, boolean]>([
    ['heap and array buffers by default', '7.1MB', undefined, true],
    ['the limit itself is too much', 7_000_000, undefined, false],
    ['one domain', '6MB', { domain: 'heap' }, true],
    ['all domains', '8MB', { domain: ['heap', 'arrayBuffer', 'native'] }, false],
  ])('%s', (_, limit, options, pass) => {
    expect(judged(measured(), limit, options).pass).toBe(pass)
    expect(judged(measured(), limit, options, true).pass).toBe(pass)
  })

  test('counted in part: what is exceeded is exceeded, all else fails', () => {
    const cut = measured({ exact: false, doubts: ['process 1 was not counted to its end: it was killed'] })
    expect(judged(cut, '7MB').pass).toBe(false)
    expect(judged(cut, '7MB', undefined, true).pass).toBe(false) // with .not, that is what was wanted
    expect(judged(cut, '8MB').pass).toBe(false)
    expect(judged(cut, '8MB', undefined, true).pass).toBe(true)
  })
})

describe('the sentence', () => {
  test('one process', () => {
    const site = { function: 'pack', file: '/project/build.js', line: 4, column: 9, domain: 'heap' as const }
    const sites = [{ ...site, self: 6e6, total: 6e6, live: 0, allocations: 9, samples: 400, error: 0.05 }]
    const value = measured({ sites, samplingError: 0.05, profile: '/project/kept' })
    expect(judged(value, '6MB').message().split('\n')).toEqual([
      'expect(received).toAllocateLessThan("6MB")',
      '',
      '    command     node build.js',
      '    limit       6 MB',
      '    allocated   7 MB   (exact; 3 collections)',
      '                5 MB heap, 2 MB array buffers',
      '',
      '     self           total',
      '     6 MB   100 %    6 MB   100 %   pack   build.js:4:9',
      '    (sampled every 128 KiB, ±10 %)',
      '',
      '    Profile: kept',
      '    Open it: npx heapproof top kept',
    ])
  })

  test('several processes, the heaviest first, not more than five', () => {
    const parts = Array.from({ length: 7 }, (_, i) => part(i + 1, (i + 1) * 1e6))
    parts[6] = part(7, 9e6, { thread: 2, command: ['node', `${'x'.repeat(200)}`] })
    const lines = judged(measured({ parts }), '1MB').message().split('\n')
    const first = lines.findIndex((line) => line.includes('worker thread 2 of process 7'))
    expect(lines[first]).toMatch(/^ +9 MB {3}worker thread 2 of process 7 {3}x{77}\.\.\.$/)
    expect(lines[first + 1]).toMatch(/^ +6 MB {3}process 6 {3,}build\.js$/)
    expect(lines[first + 5]).toBe('    ... 2 more')
  })

  test('counted in part', () => {
    const doubts = ['process 1 was not counted to its end: it was killed, or still runs']
    const message = judged(measured({ exact: false, doubts }), '8MB').message()
    expect(message).toContain('allocated   at least 7 MB   (counted in part)')
    expect(message).toContain(`cannot tell whether it is below the limit:\n    ${doubts[0]}`)
  })
})

describe('what is refused', () => {
  test.each<[string, () => unknown, string]>([
    [
      'an option about calls',
      () => judged(measured(), '1MB', { runs: 3 }),
      'of a measured command: unknown option "runs"',
    ],
    [
      'a domain that was not counted',
      () => judged(measured({ native: undefined }), '1MB', { domain: 'native' }),
      'was not counted',
    ],
    ['no size', () => judged(measured(), '1 apple' as never), 'limit'],
  ])('%s', (_, run, sentence) => {
    expect(run).toThrow(sentence)
  })

  test('other objects are no measurements', () => {
    for (const other of [null, {}, [], { allocated: 1 }, () => 1])
      expect(isProcessMeasurement(other)).toBe(false)
  })
})

test('a real command', async () => {
  const value = await measureProcess(process.execPath, ['-e', 'Buffer.alloc(5_000_000)'])
  expect(judged(value, '50MB').pass).toBe(true)
  expect(judged(value, '5MB').pass).toBe(false)
})
