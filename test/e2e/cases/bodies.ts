import { expect } from 'vitest'
import type { TestRecord } from '../../../src/core/bracket/record.js'

export type Runner = 'vitest' | 'jest'

/** What a runner reported of a test. */
export interface Outcome {
  readonly status: string
  readonly message: string
  readonly record: TestRecord | undefined
}

/** A test that both runners promise the same about. Numbers of bytes are those of buffers: they are exact everywhere. */
export interface Case {
  readonly name: string
  /** Source text that declares it; `TEST` is its name in quotes. */
  readonly code: string | Readonly<Record<Runner, string>>
  readonly status: 'passed' | 'failed'
  /** Part of the message. */
  readonly message?: RegExp | Readonly<Record<Runner, RegExp>>
  /** What has to be in the record. */
  readonly record?: Readonly<Record<string, unknown>>
  /** What has to be among its limits. */
  readonly limits?: readonly Partial<TestRecord['limits'][number]>[]
  /** Bytes behind ArrayBuffers; Node reads messages of other processes into buffers of 64 KiB. */
  readonly buffers?: number
  /** The same in its lines, at most. */
  readonly inLines?: number
  /** Bytes of the heap, at most. In Jest they hold the matchers that each call of `expect` makes, 60 to 80 kB. */
  readonly heap?: Readonly<Partial<Record<Runner, number>>>
}

const MEGABYTE = 1_000_000
const own = (limits: string) => new RegExp(`heapLimit\\(${limits.replace(/[{}"]/g, '\\$&')}\\)`)

export const cases: readonly Case[] = [
  { name: 'empty', code: 'test(TEST, () => {})', status: 'passed', buffers: 0 },
  // Loading what is behind the matchers takes 40 kB; calling one takes 15 of Vitest itself.
  {
    name: 'the first matcher',
    code: 'test(TEST, () => { expect(() => {}).toAllocateLessThan(500) })',
    status: 'passed',
    heap: { vitest: 30_000 },
  },
  { name: 'empty, later', code: 'test(TEST, async () => {})', status: 'passed', buffers: 0 },
  { name: 'a buffer', code: 'test(TEST, () => { take(1) })', status: 'passed', buffers: MEGABYTE },
  {
    name: 'a buffer, later',
    code: 'test(TEST, async () => { await sleep(2); take(1); await sleep(2) })',
    status: 'passed',
    buffers: MEGABYTE,
  },
  {
    name: 'each 2',
    code: `test.each([[2]])('each %i', (n) => { take(n) })`,
    status: 'passed',
    buffers: 2 * MEGABYTE,
  },
  {
    name: 'hooks do not count',
    code: `describe('hooks', () => {
      beforeEach(() => { take(3) })
      afterEach(async () => { take(3) })
      test('do not count', () => { take(1) })
    })`,
    status: 'passed',
    buffers: MEGABYTE,
  },
  {
    name: 'is meant to fail',
    code: {
      vitest: `test.fails(TEST, () => { take(1); throw new Error('meant') })`,
      jest: `test.failing(TEST, () => { take(1); throw new Error('meant') })`,
    },
    status: 'passed',
    buffers: MEGABYTE,
  },
  {
    name: 'is meant to fail, and is over its limit',
    code: {
      vitest: `test.fails(TEST, () => { heapLimit({ allocated: '2MB' }); take(3) })`,
      jest: `test.failing(TEST, () => { heapLimit({ allocated: '2MB' }); take(3) })`,
    },
    status: 'passed',
    limits: [{ kind: 'allocated', verdict: 'exceeded' }],
  },
  {
    name: 'is meant to fail, and does not',
    code: {
      vitest: `test.fails(TEST, () => { heapLimit({ allocated: '2MB' }); take(1) })`,
      jest: `test.failing(TEST, () => { heapLimit({ allocated: '2MB' }); take(1) })`,
    },
    status: 'failed',
    buffers: MEGABYTE,
  },
  {
    name: 'throws',
    code: `test(TEST, async () => { take(1); throw new Error('its own error') })`,
    status: 'failed',
    message: /^Error: its own error/,
    buffers: MEGABYTE,
  },
  {
    name: 'asserts too little',
    code: 'test(TEST, () => { expect.assertions(2); take(1); expect(1).toBe(1) })',
    status: 'failed',
    buffers: MEGABYTE,
    record: { profile: '.heapproof/bodies.test.js/asserts-too-little' },
  },
  {
    name: 'hook fails',
    code: `describe('hook', () => {
      afterEach(() => { throw new Error('of the hook') })
      test('fails', () => { take(1) })
    })`,
    status: 'failed',
    message: /^Error: of the hook/,
    buffers: MEGABYTE,
    record: { profile: '.heapproof/bodies.test.js/hook-fails' },
  },
  {
    name: 'within its limit',
    code: `test(TEST, () => { heapLimit({ allocated: '2MB' }); take(1) })`,
    status: 'passed',
    buffers: MEGABYTE,
    limits: [{ kind: 'allocated', limit: 2 * MEGABYTE, verdict: 'kept' }],
  },
  {
    name: 'over its limit',
    code: `test(TEST, () => { heapLimit({ allocated: '2MB' }); take(3) })`,
    status: 'failed',
    message: own('{"allocated": "2MB"}'),
    limits: [{ kind: 'allocated', limit: 2 * MEGABYTE, verdict: 'exceeded' }],
  },
  {
    name: 'over its limit, later',
    code: `test(TEST, async () => { heapLimit({ allocated: '2MB' }); await sleep(2); take(3) })`,
    status: 'failed',
    message: own('{"allocated": "2MB"}'),
  },
  {
    name: 'keeps too much',
    code: `test(TEST, () => { heapLimit({ retained: '1MB' }); take(3) })`,
    status: 'failed',
    message: own('{"retained": "1MB"}'),
    limits: [{ kind: 'retained', verdict: 'exceeded' }],
  },
  {
    name: 'keeps nothing',
    code: `test(TEST, () => { heapLimit({ retained: '1MB' }); new Uint8Array(3000000) })`,
    status: 'passed',
  },
  {
    name: 'over the limit of the options',
    code: 'test(TEST, () => { take(20) })',
    status: 'failed',
    message: {
      vitest: /over the limits in the options of heapproof\(\): \{"allocated": "10MB"\}\n/,
      jest: /over the limits in the options of withHeapproof\(\): \{"allocated": "10MB"\}\n/,
    },
  },
  {
    name: 'takes back the limit of the options',
    code: 'test(TEST, () => { heapLimit({ allocated: false }); take(20) })',
    status: 'passed',
    record: { limits: [] },
  },
  {
    name: 'asks for something unknown',
    code: `test(TEST, () => {
      try { heapLimit({ alocated: 1 }) } catch (error) { expect(error).toBeInstanceOf(Error); throw error }
    })`,
    status: 'failed',
    message: /^HeapproofError: heapLimit\(\): unknown option "alocated"; did you mean "allocated"\?\n/,
  },
  {
    name: 'a matcher counts for itself',
    code: `test(TEST, () => { expect(() => { take(5) }).toAllocateLessThan('8MB'); take(1) })`,
    status: 'passed',
    buffers: MEGABYTE,
    inLines: MEGABYTE,
  },
  {
    name: 'has a matcher look for lines on the way',
    code: `test(TEST, () => {
      heapLimit({ allocated: '8MB' })
      take(5)
      try { expect(() => { take(5) }).toAllocateLessThan('2MB') } catch {}
      take(4)
    })`,
    status: 'failed',
    message:
      /\n {4}Lines are those up to where the test recorded something itself, or a matcher in it looked for lines; no profile is kept\.(?:\n {4}at |$)/,
    record: { partial: true },
    inLines: 5 * MEGABYTE,
  },
  {
    name: 'measures a process',
    code: `test(TEST, async () => {
      const found = await measured('globalThis.kept = new Uint8Array(5e6)')
      expect(found).toAllocateLessThan('9MB')
      expect(found).toAllocateLessThan('4MB')
    }, 60_000)`,
    status: 'failed',
    message:
      /^Error: expect\(received\)\.toAllocateLessThan\("4MB"\)\n\n {4}command +\S.*\n {4}limit +4 MB\n {4}allocated +5[\d.]* MB +\(exact; /,
  },
  {
    name: 'counts a thread',
    code: `test(TEST, () => expect(thread(5)).toAllocateLessThan('9MB', { workers: true }))`,
    status: 'passed',
  },
  {
    name: 'counts a thread, and it is too much',
    code: `test(TEST, () => expect(thread(5)).toAllocateLessThan('4MB', { workers: true }))`,
    status: 'failed',
    message:
      /^Error: expect\(received\)\.toAllocateLessThan\("4MB"[\s\S]* allocated +[5-8].* MB .*\(.*; with 1 worker thread\)\n/,
  },
  {
    name: 'does not count a thread',
    code: `test(TEST, () => expect(thread(5)).toAllocateLessThan('4MB'))`,
    status: 'passed',
  },
  {
    name: 'limits what a thread takes',
    code: `test(TEST, async () => { heapLimit({ allocated: '4MB', workers: true }); await thread(5)() })`,
    status: 'failed',
    message: /heapLimit\(\{"allocated": "4MB"\}\)[\s\S]* allocated +[5-8].* MB .*; with 1 worker thread\)\n/,
    record: { workers: 1 },
    buffers: 5 * MEGABYTE,
  },
  {
    name: 'limits what it takes itself',
    code: `test(TEST, async () => { heapLimit({ allocated: '4MB' }); await thread(5)() })`,
    status: 'passed',
    buffers: 0,
  },
  {
    name: 'limits a thread, and has a matcher count another one',
    code: `test(TEST, async () => {
      heapLimit({ allocated: '9MB', workers: true })
      await thread(1)()
      await expect(thread(5)).toAllocateLessThan('9MB', { workers: true })
      await thread(2)()
    })`,
    status: 'passed',
    record: { workers: 2 },
    buffers: 3 * MEGABYTE,
  },
  {
    name: 'limits a thread that goes on',
    code: `test(TEST, async () => {
      heapLimit({ allocated: '9MB', workers: true })
      await thread(1, 'setTimeout(() => {}, 500)', 'online')()
    })`,
    status: 'failed',
    message: /cannot tell: 1 worker thread that the test started still ran when it was over, /,
    record: { certainty: 'unknown' },
  },
  {
    name: 'forgets to await a matcher',
    code: `test(TEST, async () => { expect(async () => { await sleep(2); take(5) }).toAllocateLessThan('2MB') })`,
    status: 'failed',
    message: /^Error: expect\(received\)\.toAllocateLessThan\("2MB"\)\n/,
  },
  {
    name: 'forgets to await a good one, after that',
    code: `test(TEST, () => { expect(async () => { await sleep(2) }).toAllocateLessThan('2MB') })`,
    status: 'passed',
  },
  {
    name: 'catches an awaited failure',
    code: `test(TEST, async () => {
      await expect(expect(async () => { take(5) }).toAllocateLessThan('2MB')).rejects.toThrow('2MB')
    })`,
    status: 'passed',
  },
  {
    name: 'asks a matcher for something unknown',
    code: `test(TEST, () => { expect(() => {}).toAllocateLessThan('2MB', { run: 1 }) })`,
    status: 'failed',
    message: /^HeapproofError: toAllocateLessThan: unknown option "run"; did you mean "runs"\?\n/,
  },
  {
    name: 'has a limit too fine for its samples',
    code: `test(TEST, () => { expect(() => {}).toAllocateLessThan('1 kB', { ignore: 'x', samplingInterval: 500 }) })`,
    status: 'failed',
    message: /^HeapproofError: toAllocateLessThan: the limit is too fine for a samplingInterval of 500: /,
  },
  {
    name: 'runs into its timeout',
    code: 'test(TEST, async () => { take(1); await new Promise(() => {}) }, 30)',
    status: 'failed',
    record: { certainty: 'approximate', reason: 'its body was still running' },
  },
]

/** Retries are an option of a whole file in Jest, which comes to them when all other tests of it have run. */
export const retried: readonly Case[] = [
  {
    name: 'passes at the third try',
    code: {
      vitest: 'test(TEST, { retry: 2 }, () => { take(++tries); if (tries < 3) throw new Error() })',
      jest: `jest.retryTimes(2)
        test(TEST, () => { take(++tries); if (tries < 3) throw new Error() })`,
    },
    status: 'passed',
    buffers: 3 * MEGABYTE,
  },
]

/** They run at the same time, in a file of their own: in Jest 29 before all others. */
export const concurrent: readonly Case[] = [
  {
    name: 'waits beside others',
    code: 'test.concurrent(TEST, async () => { for (let i = 0; i < 5; i++) { await sleep(20); take(1) } })',
    status: 'passed',
    record: {
      certainty: 'unknown',
      reason: 'another test ran at the same time, and the counters count both',
    },
  },
  {
    name: 'has a limit beside others',
    code: `test.concurrent(TEST, async () => { heapLimit({ allocated: '9MB' }); await sleep(50) })`,
    status: 'failed',
    message: / cannot tell: /,
  },
  {
    name: 'measures beside others what does not wait',
    code: `test.concurrent(TEST, async () => {
      await sleep(20)
      expect(() => { take(3) }).toAllocateLessThan('4MB')
      expect(() => { take(3) }).not.toAllocateLessThan('3MB')
    })`,
    status: 'passed',
  },
  {
    name: 'measures beside others what waits',
    code: `test.concurrent(TEST, async () => {
      await expect(() => sleep(60)).toAllocateLessThan('90MB')
    })`,
    status: 'failed',
    message: /^HeapproofError: toAllocateLessThan: cannot tell: another test ran while this one waited, /,
  },
  {
    name: 'measures beside others what stays',
    code: `test.concurrent(TEST, async () => { await expect(() => {}).toRetainLessThan('1MB') })`,
    status: 'failed',
    message: /^HeapproofError: toRetainLessThan: (?:cannot tell: another test ran|another function is still)/,
  },
]

/** How a module is loaded where it is needed. */
const modules = {
  vitest: (name: string) => `await import('${name}')`,
  jest: (name: string) => `require('${name}')`,
}

/** The text of a test file with some of them. `builtin` says how modules of Node are loaded. */
export function testFile(runner: Runner, cases: readonly Case[], builtin = modules[runner]): string {
  const imports = {
    vitest: `import { afterEach, beforeEach, describe, expect, test } from 'vitest'
      import { heapLimit } from 'heapproof/vitest'`,
    jest: `const { heapLimit } = require('heapproof/jest')`,
  }
  const texts = cases.map(({ name, code }) =>
    (typeof code === 'string' ? code : code[runner]).replaceAll('TEST', JSON.stringify(name)),
  )
  return `${imports[runner]}
    const kept = []
    const take = (megabytes) => { kept.push(Buffer.alloc(megabytes * ${MEGABYTE})) }
    const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
    const thread = (megabytes, more = '', until = 'exit') => async () => {
      const { Worker } = ${builtin('node:worker_threads')}
      const worker = new Worker('globalThis.kept = new Uint8Array(' + megabytes + 'e6);' + more, { eval: true })
      await new Promise((resolve) => worker.once(until, resolve))
    }
    const measured = async (code) => {
      const { measureProcess } = ${modules[runner]('heapproof')}
      return await measureProcess(process.execPath, ['-e', code])
    }
    let tries = 0
    ${texts.join('\n')}
  `
}

/** The options that the cases ask for. */
export const options = { limits: { allocated: '10MB' }, report: false } as const

/** Asserts what both runners promise. */
export function expectCase(
  runner: Runner,
  { status, message, record, limits = [], buffers, inLines, heap }: Case,
  outcome: Outcome | undefined,
): void {
  expect(outcome?.status, outcome?.message).toBe(status)
  if (message !== undefined) {
    expect(outcome?.message).toMatch(message instanceof RegExp ? message : message[runner])
  }
  expect(outcome?.record).toBeDefined()
  if (record !== undefined) expect(outcome?.record).toMatchObject(record)
  for (const limit of limits) expect(outcome?.record?.limits).toContainEqual(expect.objectContaining(limit))
  if (buffers !== undefined) {
    expect(outcome?.record?.arrayBuffers).toBeGreaterThanOrEqual(buffers)
    expect(outcome?.record?.arrayBuffers).toBeLessThan(buffers + 400_000)
  }
  expect(outcome?.record?.heap).toBeLessThan(heap?.[runner] ?? Number.POSITIVE_INFINITY)
  if (inLines !== undefined) {
    const sites = outcome?.record?.sites.filter(({ domain }) => domain === 'arrayBuffer') ?? []
    expect(sites.reduce((sum, { self }) => sum + self, 0)).toBeLessThan(inLines + 400_000)
  }
}
