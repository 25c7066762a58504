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
}

const MEGABYTE = 1_000_000
const own = (limits: string) => new RegExp(`heapLimit\\(${limits.replace(/[{}"]/g, '\\$&')}\\)`)

export const cases: readonly Case[] = [
  { name: 'empty', code: 'test(TEST, () => {})', status: 'passed', buffers: 0 },
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
    name: 'throws',
    code: `test(TEST, async () => { take(1); throw new Error('its own error') })`,
    status: 'failed',
    message: /^Error: its own error/,
    buffers: MEGABYTE,
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

/** The text of a test file with some of them. */
export function testFile(runner: Runner, cases: readonly Case[]): string {
  const imports = {
    vitest: `import { afterEach, beforeEach, describe, expect, test } from 'vitest'
      import { heapLimit } from 'heapproof/vitest'`,
    jest: `const { heapLimit } = require('heapproof/jest')`,
  }
  const modules = {
    vitest: `await import('node:worker_threads')`,
    jest: `require('node:worker_threads')`,
  }
  const texts = cases.map(({ name, code }) =>
    (typeof code === 'string' ? code : code[runner]).replaceAll('TEST', JSON.stringify(name)),
  )
  return `${imports[runner]}
    const kept = []
    const take = (megabytes) => { kept.push(Buffer.alloc(megabytes * ${MEGABYTE})) }
    const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
    const thread = (megabytes) => async () => {
      const { Worker } = ${modules[runner]}
      const worker = new Worker('globalThis.kept = new Uint8Array(' + megabytes + 'e6)', { eval: true })
      await new Promise((resolve) => worker.once('exit', resolve))
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
  { status, message, record, limits = [], buffers }: Case,
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
}
