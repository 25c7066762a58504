import { describe, expect, onTestFinished, test } from 'vitest'
import { decide } from '../../../src/core/snapshot/decide.js'
import { dedented } from '../../../src/core/snapshot/dedent.js'
import type { LoggedSnapshot } from '../../../src/core/snapshot/log.js'
import { snapshotSettings } from '../../../src/core/snapshot/options.js'
import {
  forksReproducibly,
  isReproducible,
  reproducibleFlags,
  startReproducibly,
} from '../../../src/core/snapshot/reproducible.js'
import { type RunnerState, StoredSnapshot, serializer } from '../../../src/core/snapshot/runner-state.js'
import { settle } from '../../../src/core/snapshot/settle.js'
import type { HeapDigest } from '../../../src/core/snapshot/types.js'
import { digest, FEED, FEED_TEXT, NODE_22 } from './digests.js'

type Mode = RunnerState['_updateSnapshot']

/** A runner's snapshots: what it does in `match` is what Jest and Vitest do. */
class Runner implements RunnerState {
  readonly snapshotPath = '/p/__snapshots__/a.test.ts.snap'
  readonly _snapshotData: Record<string, string | undefined>
  readonly _counters = new Map<string, number>()
  readonly _uncheckedKeys: Set<string>
  _updateSnapshot: Mode
  result = ''

  constructor(mode: Mode, stored: string | undefined) {
    this._updateSnapshot = mode
    this._snapshotData = stored === undefined ? {} : { 'a 1': `\n${stored}\n` }
    this._uncheckedKeys = new Set(Object.keys(this._snapshotData))
  }

  match({ testName, received }: Record<string, unknown>): { pass: boolean; key: string } {
    const count = (this._counters.get(testName as string) ?? 0) + 1
    this._counters.set(testName as string, count)
    const key = `${testName} ${count}`
    expect(serializer.test(received)).toBe(true)
    const text = `\n${serializer.serialize(received)}\n`
    const stored = this._snapshotData[key]
    const mode = this._updateSnapshot
    if (stored === text) this.result = 'matched'
    else if (mode === 'none' || (mode === 'new' && stored !== undefined)) this.result = 'unmatched'
    else {
      this.result = stored === undefined ? 'added' : 'updated'
      this._snapshotData[key] = text
    }
    return { pass: this.result !== 'unmatched', key }
  }
}

const factor = (by: number, more: Partial<HeapDigest> = {}) =>
  digest(
    (FEED.sites ?? []).map((each) => ({ ...each, bytes: each.bytes * by })),
    more,
  )
const ELSEWHERE = { ...NODE_22, node: 24 }

describe('what comes of a snapshot', () => {
  test.each<[string, string | undefined, HeapDigest, object, Record<Mode, string>, string]>([
    ['new', undefined, FEED, {}, { none: 'unmatched', new: 'added', all: 'added' }, 'new'],
    ['same', FEED_TEXT, factor(1.05), {}, { none: 'matched', new: 'matched', all: 'matched' }, 'same'],
    ['grew', FEED_TEXT, factor(1.4), {}, { none: 'unmatched', new: 'unmatched', all: 'updated' }, 'grew'],
    ['smaller', FEED_TEXT, factor(0.6), {}, { none: 'matched', new: 'matched', all: 'updated' }, 'smaller'],
    [
      'smaller, and may not',
      FEED_TEXT,
      factor(0.6),
      { ratchet: true },
      { none: 'unmatched', new: 'unmatched', all: 'updated' },
      'smaller',
    ],
    [
      'in another environment',
      FEED_TEXT,
      factor(9, { environment: ELSEWHERE }),
      {},
      { none: 'matched', new: 'updated', all: 'updated' },
      'new',
    ],
    [
      'in another environment than the first',
      FEED_TEXT,
      factor(9, { environment: ELSEWHERE }),
      { environments: 'first' },
      { none: 'matched', new: 'matched', all: 'updated' },
      'not-comparable',
    ],
  ])('%s', (_, stored, now, options, results, outcome) => {
    for (const mode of ['none', 'new', 'all'] as const) {
      const runner = new Runner(mode, stored)
      const settings = snapshotSettings('it', options)
      const snapshot = new StoredSnapshot({ state: runner, name: 'a', test: {} })
      snapshot.keep()
      expect(runner._uncheckedKeys.size).toBe(0)
      const logged: LoggedSnapshot[] = []
      const context = {
        settings,
        environment: now.environment,
        log: { add: (entry: LoggedSnapshot) => logged.push(entry) },
        testFile: '/p/a.test.ts',
        testName: 'a',
        ask: () => undefined,
      }
      const decision = decide(snapshot.text, now, settings, 'it')
      const holds = settle(snapshot, decision, now, context, '/p')
      expect([mode, runner.result, holds]).toEqual([mode, results[mode], results[mode] !== 'unmatched'])
      expect(runner._updateSnapshot).toBe(mode)
      expect(logged).toMatchObject([{ outcome, key: 'a 1', snapshotFile: '__snapshots__/a.test.ts.snap' }])
      const text = runner._snapshotData['a 1']
      if (['matched', 'unmatched'].includes(results[mode])) expect(text?.trim()).toBe(stored)
      if (results[mode] === 'updated') expect(text).toContain(decision.block)
      // Another environment is kept, unless there is to be one only.
      if (outcome === 'new' && mode === 'all' && stored !== undefined) expect(text).toContain(FEED_TEXT)
      if (outcome === 'not-comparable' && mode === 'all') expect(text).not.toContain(FEED_TEXT)
    }
  })

  test('the second of a name is the second, and of names with line ends both ways of writing are known', () => {
    const runner = new Runner('none', FEED_TEXT)
    runner._counters.set('a', 1)
    expect(new StoredSnapshot({ state: runner, name: 'a', test: {} }).key).toBe('a 2')
    expect(new StoredSnapshot({ state: runner, name: 'b\nc', test: {} }).key).toBe('b\nc 1')
    runner._snapshotData['b\\nc 1'] = FEED_TEXT
    expect(new StoredSnapshot({ state: runner, name: 'b\nc', test: {} }).text).toBe(FEED_TEXT)
  })
})

test.each([
  ['', ''],
  ['\n  a\n    b\n  ', 'a\n  b'],
  ['\r\n\ta\r\n\t\tb\r\n', 'a\n\tb'],
  ['a\n  b', 'a\n  b'],
  ['\n    a\n\n    b\n', 'a\n\nb'],
  ['\n\t a\n b\n', '\t a\n b'],
])('%j without its indentation is %j', (text, expected) => {
  expect(dedented(text)).toBe(expected)
})

describe('options', () => {
  test.each<[unknown, string]>([
    [1, 'it: snapshots: expected an object with options, received 1'],
    [{ tolerence: '5%' }, 'it: snapshots: unknown option "tolerence"; did you mean "tolerance"?'],
    [
      { tolerance: 5 },
      "it: snapshots: tolerance must be a percentage or a size, such as '10%' or '20 kB', received 5",
    ],
    [{ tolerance: '5 %%' }, 'tolerance must be a percentage or a size'],
    [{ sites: -1 }, 'sites must be a whole number from 0 to 100'],
    [{ environments: 'all' }, "environments must be 'each' or 'first', received \"all\""],
    [{ reproducible: 'yes' }, 'reproducible must be true or false'],
  ])('%j', (given, message) => {
    expect(() => snapshotSettings('it', given as never)).toThrow(message)
  })

  test('true is every test', () => {
    expect(snapshotSettings('it', true)).toMatchObject({ tests: true, sites: 10, environments: 'each' })
    expect(snapshotSettings('it', undefined).tests).toBe(false)
    expect(snapshotSettings('it', { tolerance: '5%' }).tolerance).toEqual({ relative: 0.05 })
  })

  test('the options of Node are added once, and only all of them make it repeat', () => {
    const flags = reproducibleFlags(['--random-seed=1', '--inspect'])
    expect(flags.slice(0, 2)).toEqual(['--random-seed=1', '--inspect'])
    expect(reproducibleFlags(flags)).toEqual(flags)
    const { execArgv } = process
    onTestFinished(() => {
      process.execArgv = execArgv
      delete process.env.HEAPPROOF_REPRODUCIBLE_FROM
    })
    const answers = (given: string[]) => {
      process.execArgv = given
      return [isReproducible(), forksReproducibly()]
    }
    expect([answers(flags), answers(flags.slice(1)), answers([])]).toEqual([
      [true, true],
      [false, false],
      [false, false],
    ])
    // What a process says that it has is what its forks get, and not what it has.
    startReproducibly()
    expect([isReproducible(), forksReproducibly()]).toEqual([false, true])
    process.env.HEAPPROOF_REPRODUCIBLE_FROM = String(process.ppid)
    expect([isReproducible(), forksReproducibly()]).toEqual([true, true])
  })
})
