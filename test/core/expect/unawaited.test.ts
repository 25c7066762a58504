import { expect, test } from 'vitest'
import type { MatcherResult } from '../../../src/core/expect/matcher.js'
import { countUnawaited } from '../../../src/core/expect/unawaited.js'

const bad = { pass: false, message: () => 'too much' }

/** What an assertion hands to a test, with what the test would wait for at its end. */
function assertion(result: MatcherResult, chain: (checked: Promise<unknown>) => Promise<unknown>) {
  const twins: Promise<void>[] = []
  const checked = countUnawaited(Promise.resolve(result), (twin) => twins.push(twin)).then(
    ({ pass, message }) => {
      if (!pass) throw new Error(message())
    },
  )
  return { handed: chain(checked), end: () => Promise.all(twins) }
}

const runners = [
  ['Jest 30 and Vitest', (checked: Promise<unknown>) => checked],
  [
    'Jest 29',
    (checked: Promise<unknown>) =>
      checked.catch((error) => {
        throw error
      }),
  ],
] as const

test.each(runners)('what nobody awaits fails the end of the test: %s', async (_, chain) => {
  await expect(assertion(bad, chain).end()).rejects.toThrow('too much')
  await assertion({ ...bad, pass: true }, chain).end()
  await expect(
    assertion(bad, (checked) => {
      chain(checked).then(() => 'never here')
      return checked
    }).end(),
  ).rejects.toThrow('too much')
})

const listeners: readonly [string, (promise: Promise<unknown>) => unknown][] = [
  ['await', async (promise) => await promise],
  ['catch', (promise) => promise.catch(() => {})],
  ['then', (promise) => promise.then(undefined, () => {})],
  ['finally, catch', (promise) => promise.finally(() => {}).catch(() => {})],
  ['Promise.all', (promise) => Promise.all([promise])],
  ['a promise of it', (promise) => Promise.resolve().then(() => promise)],
]

test.each(listeners)('whoever listens has the error already: %s', async (_, listen) => {
  for (const [, chain] of runners) {
    const { handed, end } = assertion(bad, chain)
    await Promise.resolve(listen(handed)).catch(() => {})
    await end()
  }
})

test('finally waits for its function and keeps what came of it', async () => {
  let called = 0
  const { handed } = assertion({ ...bad, pass: true }, (checked) => checked)
  const value = await handed.then(() => 5).finally(() => called++)
  expect([value, called]).toEqual([5, 1])
  await expect(assertion(bad, (checked) => checked).handed.finally(() => called++)).rejects.toThrow('too')
  expect(called).toBe(2)
})
