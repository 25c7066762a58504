import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { poissonScale } from '../../../src/core/format/sampling.js'
import { read } from '../../../src/core/reader.js'
import type { Counters } from '../../../src/core/types.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

const count = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 40 }))
const size = fc.oneof(fc.nat(1000), fc.integer({ min: 2 ** 32, max: 2 ** 45 }))
const delta = fc.oneof({ arbitrary: fc.nat(5000), weight: 9 }, { arbitrary: fc.nat(2 ** 40), weight: 1 })
/** Any text that V8 can have, halves of pairs as well: those have no UTF-8, and come back as U+FFFD. */
const utf16 = fc
  .array(fc.nat(0xffff), { minLength: 1, maxLength: 8 })
  .map((units) => String.fromCharCode(...units))
const name = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), utf16, fc.constant('__proto__'))
const frame = fc.record({
  function: name,
  url: fc.constantFrom('/app/a b.js', '/app/größe.ts', 'node:fs', 'webpack://x/y.js'),
  line: fc.integer({ min: 0, max: 2 ** 33 }),
  column: fc.nat(2000),
  approximate: fc.boolean(),
})
const trace = fc.record({
  frames: fc.array(frame, { maxLength: 5 }),
  domain: fc.constantFrom('heap' as const, 'arrayBuffer' as const, 'native' as const),
  truncated: fc.boolean(),
})
const COUNTER_NAMES = [
  'heapBytes',
  'collections',
  'majorCollections',
  'arrayBufferBytes',
  'arrayBufferCalls',
  'arrayBufferFreedBytes',
  'arrayBufferFrees',
  'nativeBytes',
  'nativeCalls',
  'nativeFrees',
  'unseenCollections',
]
const event = fc.record({
  kind: fc.constantFrom('alloc', 'free', 'collection', 'thread', 'scale', 'counters', 'unknown', 'block'),
  delta,
  trace: fc.nat(20),
  size,
  age: count,
  numbers: fc.array(count, { minLength: COUNTER_NAMES.length, maxLength: COUNTER_NAMES.length }),
})

test('logs come back as they were written', () => {
  fc.assert(
    fc.property(fc.array(trace, { maxLength: 6 }), fc.array(event, { maxLength: 40 }), (traces, events) => {
      const log = new LogBuilder()
      const indexes = traces.map(({ frames, domain, truncated }) => log.trace(frames, domain, truncated))
      const { expected, end } = writeEvents(log, events)
      const reader = read(log.write(folder.base('round-trip')))
      traces.forEach(({ frames, domain, truncated }, position) => {
        const shown = frames.map(({ url, ...rest }) => ({
          ...rest,
          function: Buffer.from(rest.function).toString(),
          file: url,
        }))
        const index = indexes[position] as number
        expect(reader.trace(index)).toEqual({ index, domain, truncated, frames: shown })
      })
      const known = (index: number): number => (index <= reader.traceCount ? index : 0)
      const read1 = Array.from(reader.events())
      expect(read1.slice(1)).toEqual(
        expected.map((item) =>
          'trace' in item ? { ...item, ...scaled(item, known(item.trace), reader) } : item,
        ),
      )
      expect(reader.duration).toBe(end / 1e6)
      reader.close()
    }),
    { numRuns: 300 },
  )
})

/** Only the heap has a sampling rule in these logs. */
function scaled(
  item: { size: number; scale: number },
  trace: number,
  reader: ReturnType<typeof read>,
): { trace: number; scale: number } {
  const byRule = reader.domainOf(trace) === 'heap' ? poissonScale(item.size, 512) : 1
  return { trace, scale: item.scale > 0 ? item.scale : byRule }
}

type EventSpec = typeof event extends fc.Arbitrary<infer Value> ? Value : never
type Expected =
  | { kind: string; time: number; thread: number; trace: number; size: number; scale: number }
  | { kind: string; time: number; thread: number }

function writeEvents(log: LogBuilder, events: readonly EventSpec[]): { expected: Expected[]; end: number } {
  const expected: Expected[] = []
  let [micros, thread, scale] = [0, 0, 0]
  log.events.sampling(0, 'heap', 512)
  for (const { kind, delta, trace, size, age, numbers } of events) {
    const [a, b, c, d] = numbers as [number, number, number, number]
    if (kind === 'block') {
      log.blockHpd()
      continue
    }
    micros += delta
    const base = { kind, time: micros / 1e6, thread }
    if (kind === 'alloc') {
      log.events.alloc(micros, trace, size)
      expected.push({ ...base, trace, size, scale })
      scale = 0
    } else if (kind === 'free') {
      log.events.free(micros, trace, size, age)
      expected.push({ ...base, trace, size, scale, age: age / 1e6 } as Expected)
      scale = 0
    } else if (kind === 'collection') {
      log.events.collection(micros, a, b, c, d)
      expected.push({ ...base, type: a, duration: b / 1e6, before: c, after: d } as Expected)
    } else if (kind === 'counters') {
      const counters = Object.fromEntries(
        COUNTER_NAMES.map((name, place) => [name, numbers[place]]),
      ) as unknown as Counters
      log.events.counters(micros, counters)
      expected.push({ ...base, counters } as Expected)
    } else if (kind === 'thread') {
      thread = a
      log.events.thread(micros, thread)
    } else if (kind === 'scale') {
      scale = 1 + a / 7
      log.events.scale(micros, scale)
    } else {
      log.events.extended(micros, 100 + a, Uint8Array.from([1, 2, 3]))
    }
  }
  return { expected, end: micros }
}
