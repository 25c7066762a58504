import { describe, expect, test } from 'vitest'
import * as work from './work.js'

const SIZES = { 3: [60, 400, 1500], 4: [60, 400, 1500, 6000] }
const LARGE = ['rows', 'json']
const WAITING = ['files', 'timers', 'together', 'stream', 'threads']

// 14 functions in three sizes, and two in four.
for (const [name, fn] of Object.entries(work)) {
  describe(name, () => {
    for (const size of SIZES[LARGE.includes(name) ? 4 : 3]) {
      test(`${size}`, async () => {
        const call = () => void fn(size)
        const wait = async () => void (await fn(size))
        await expect(WAITING.includes(name) ? wait : call).toMatchHeapSnapshot()
      })
    }
  })
}
