import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { drive, isThenable, type Job, wait } from '../../../src/core/measure/drive.js'

function* sum(...parts: (number | PromiseLike<number>)[]): Job<number> {
  let total = 0
  for (const part of parts) total += yield* wait(part)
  return total
}

describe('drive', () => {
  test('does not wait for what is there', () => {
    expect(drive(sum(1, 2, 3))).toBe(6)
  })

  test('waits from the first promise on', async () => {
    const result = drive(sum(1, Promise.resolve(2), 3, Promise.resolve(4)))
    expect(isThenable(result)).toBe(true)
    expect(await result).toBe(10)
  })

  test('throws an exception at once, and a rejection into the job', async () => {
    const log: string[] = []
    function* guarded(what: () => unknown): Job<void> {
      try {
        yield* wait(what())
      } finally {
        log.push('cleaned up')
      }
    }
    const fail = () => {
      throw new Error('at once')
    }
    expect(() => drive(guarded(fail))).toThrow('at once')
    await expect(drive(guarded(() => Promise.reject(new Error('later'))))).rejects.toThrow('later')
    expect(log).toEqual(['cleaned up', 'cleaned up'])
  })

  test('a job may catch a rejection and go on', async () => {
    function* forgiving(): Job<number> {
      try {
        yield* wait(Promise.reject(new Error('no')))
      } catch {
        return yield* wait(Promise.resolve(7))
      }
      return 0
    }
    expect(await drive(forgiving())).toBe(7)
  })

  test('an error of the job after waiting comes out unchanged', async () => {
    const error = new Error('mine')
    function* failing(): Job<never> {
      yield* wait(Promise.resolve())
      throw error
    }
    await expect(drive(failing())).rejects.toBe(error)
  })
})

test('isThenable knows promises of other realms, and tells them from look-alikes', () => {
  const callable = () => 1
  const withThen = (then: unknown) => Object.assign(() => 1, { ['then' as string]: then })
  expect(isThenable(runInNewContext('Promise.resolve(1)'))).toBe(true)
  expect(isThenable(withThen(callable))).toBe(true)
  for (const other of [undefined, null, 1, 'then', {}, withThen(1), callable])
    expect(isThenable(other)).toBe(false)
})
