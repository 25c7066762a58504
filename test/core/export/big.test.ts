import { afterAll, expect, test } from 'vitest'
import { EXPORT_FORMATS, exportProfile } from '../../../src/core/export/export-profile.js'
import { EventWriter } from '../../../src/core/format/event-writer.js'
import {
  encodeFrame,
  encodeFunction,
  encodeNode,
  encodeScript,
  encodeTrace,
} from '../../../src/core/format/hpm.js'
import { read } from '../../../src/core/reader.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

/** So many stacks of so many frames, which have all but their leaves in common; each allocates 8 bytes. */
function record(name: string, stacks: number, depth: number): string {
  const log = new LogBuilder()
  log.record(encodeScript({ url: '/app/main.js', sourceMapUrl: '' }))
  log.record(encodeFunction({ script: 1, line: 1, column: 1, name: 'f' }))
  const frames = 1000
  for (let line = 1; line <= frames; line++) {
    log.record(encodeFrame({ approximate: false, function: 1, line, column: 1 }))
  }
  for (let node = 1; node < depth; node++) log.record(encodeNode(node - 1, (node % frames) + 1))
  // 1,000 different callees of each of the deepest callers.
  for (let stack = 0; stack < stacks; stack++) {
    log.record(encodeNode(depth - 1 - Math.floor(stack / frames), (stack % frames) + 1))
    log.record(encodeTrace('heap', depth + stack))
  }
  log.events = new EventWriter()
  log.events.sampling(0, 'heap', 0)
  for (let stack = 1; stack <= stacks; stack++) log.events.alloc(stack, stack, 8)
  return log.write(folder.base(name))
}

test('100,000 stacks', { timeout: 120_000 }, async () => {
  using reader = read(record('wide', 100_000, 110))
  const lengths: Record<string, number> = {}
  for (const format of EXPORT_FORMATS) {
    let length = 0
    for await (const chunk of exportProfile(reader, format)) {
      expect(chunk.length).toBeLessThan(2 ** 21) // never all of it at once
      length += chunk.length
    }
    lengths[format] = length
  }
  expect(lengths.collapsed).toBeGreaterThan(100_000 * 20)
  expect(lengths.pprof).toBeLessThan(20e6)
})

test('stacks of 1,024 frames, and one of 200,000', { timeout: 120_000 }, async () => {
  for (const [stacks, depth] of [
    [500, 1024],
    [1, 200_000],
  ] as const) {
    using reader = read(record(`deep${depth}`, stacks, depth))
    for (const format of EXPORT_FORMATS) {
      let length = 0
      for await (const chunk of exportProfile(reader, format)) length += chunk.length
      expect(length).toBeGreaterThan(1000)
    }
  }
})
