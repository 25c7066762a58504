import type { WriteStream } from 'node:tty'
import { afterEach, expect, test, vi } from 'vitest'
import { openProfile } from '../../src/core/cli/open.js'
import { LogBuilder, logFolder } from '../support/log-builder.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** A recording of so many events, and what walks through it write to a stream. */
function written(events: number, isTTY: boolean): { text: string; bytes: number } {
  const folder = logFolder()
  try {
    const log = new LogBuilder()
    log.events.sampling(0, 'heap', 0)
    const trace = log.trace([{ function: 'f' }])
    for (let index = 0; index < events; index++) {
      log.events.alloc(index, trace, 8)
      if (index % 10_000 === 0) log.blockHpd()
    }
    const texts: string[] = []
    const stream = { isTTY, write: (text: string) => texts.push(text) } as unknown as WriteStream
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000))
    using reader = openProfile(log.write(folder.base('log')), stream)
    return { bytes: reader.peak().bytes, text: texts.join('') }
  } finally {
    folder.remove()
  }
}

test('a long walk says on a terminal how far it is, and wipes it away', () => {
  const { text, bytes } = written(200_000, true)
  expect(bytes).toBe(1_600_000)
  const [first = ''] = text.split('\r\x1b[K').filter((line) => line !== '')
  expect(first).toMatch(/^heapproof: \d+ %, 0\.1 million events, 0\.1 s of the recording; \d+ s left$/)
  expect(text.endsWith('\r\x1b[K')).toBe(true)
})

test('nothing of a short one, nor where nobody looks', () => {
  expect(written(1000, true).text).toBe('')
  expect(written(200_000, false)).toEqual({ bytes: 1_600_000, text: '' })
})
