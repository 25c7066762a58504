import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { HeapproofError } from '../../src/core/errors.js'

test('errors of another copy of the class, or of another realm, are of this class', async () => {
  vi.resetModules()
  const copy = (await import('../../src/core/errors.js')).HeapproofError
  expect(copy).not.toBe(HeapproofError)
  const error = new copy('a-code', 'a sentence')
  expect(error).toBeInstanceOf(HeapproofError)
  expect(error).toBeInstanceOf(Error)
  const elsewhere: unknown = runInNewContext(
    `class Theirs extends Error { get [Symbol.for('heapproof.error')]() { return true } }; new Theirs()`,
  )
  expect(elsewhere).toBeInstanceOf(HeapproofError)
})

test.each([new Error('a sentence'), { code: 'a-code' }, null, undefined, 'heapproof.error'])(
  '%o is no error of ours',
  (value) => {
    expect(value instanceof HeapproofError).toBe(false)
  },
)

test('nothing of the mark shows where errors are printed or compared', () => {
  const error = new HeapproofError('a-code', 'a sentence')
  expect(Reflect.ownKeys(error).sort()).toEqual(['code', 'message', 'name', 'stack'])
})
