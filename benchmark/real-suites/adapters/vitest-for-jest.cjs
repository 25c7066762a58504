// What tests import from 'vitest', where Jest runs them.
'use strict'
const nothing = new Proxy(() => nothing, { get: () => nothing })

/** Vitest's takes a message as well. */
const expectOne = (value) => expect(value)

module.exports = {
  expect: Object.assign(expectOne, expect),
  test,
  it,
  describe,
  beforeAll,
  beforeEach,
  afterAll,
  afterEach,
  vi: jest,
  expectTypeOf: nothing, // types are checked by the compiler alone
  assertType: () => {},
}
