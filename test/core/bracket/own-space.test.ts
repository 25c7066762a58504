import { expect, test } from 'vitest'
import { codeSpaces, ownBytes } from '../../../src/core/bracket/own-space.js'

const none = { code: 1000, old: 1000 }

test.each([
  ['nothing grew', none, [0, 0], 0, { certain: 0, possible: 0 }],
  ['code', { code: 1500, old: 3000 }, [0, 0], 0, { certain: 2500, possible: 2500 }],
  ['gave back', { code: 500, old: 0 }, [0, 0], 0, { certain: 0, possible: 0 }],
  [
    'asking costs little',
    { code: 1000, old: 11_000 },
    [6144, 6144],
    0,
    { certain: 10_000, possible: 10_000 },
  ],
  ['grew before the body', { code: 1000, old: 11_000 }, [10_144, 0], 0, { certain: 6000, possible: 6000 }],
  ['survivors', { code: 1100, old: 901_000 }, [0, 0], 1, { certain: 100, possible: 262_244 }],
])('%s', (_, after, outside, collections, own) => {
  expect(ownBytes(none, after, outside, collections)).toEqual(own)
})

test('V8 has these spaces', () => {
  const { code, old } = codeSpaces()
  expect(code).toBeGreaterThan(0)
  expect(old).toBeGreaterThan(100_000)
})
