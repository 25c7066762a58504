import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { exportHeapprof } from '../../../src/core/heapprof/export.js'
import { type Reader, read } from '../../../src/core/reader.js'
import type { Domain } from '../../../src/core/types.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

const size = fc.oneof(
  fc.nat({ max: 300 }),
  fc.nat({ max: 2 ** 20 }).map((eighths) => eighths * 8),
  fc.integer({ min: 2 ** 29, max: 2 ** 34 }),
)
const object = fc.record({
  trace: fc.nat({ max: 6 }),
  size,
  passed: fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 3_000_000_000 })),
  freed: fc.boolean(),
})
const name = fc.string({ unit: 'binary', maxLength: 12 })
const recording = fc.record({
  interval: fc.constantFrom(0, 1, 512, 131072, 2 ** 30),
  files: fc.array(name, { minLength: 6, maxLength: 6 }),
  domains: fc.array(fc.constantFrom<Domain>('heap', 'arrayBuffer', 'native'), { minLength: 6, maxLength: 6 }),
  objects: fc.array(object, { maxLength: 30 }),
})

type Recording = typeof recording extends fc.Arbitrary<infer T> ? T : never

function write({ interval, files, domains, objects }: Recording): string {
  const log = new LogBuilder()
  const traces = files.map((file, index) => {
    return log.trace(
      [
        { url: `/p/${file}`, line: index },
        { url: '/p/main.js', line: 9 },
      ],
      domains[index],
    )
  })
  for (const domain of ['heap', 'arrayBuffer', 'native'] as const) log.events.sampling(0, domain, interval)
  let time = 0
  for (const { trace, size, passed, freed } of objects) {
    const known = trace === 0 ? 0 : (traces[trace - 1] as number)
    time += passed
    log.events.alloc(time, known, size)
    if (freed) log.events.free(time + 1, known, size, 1)
    time++
  }
  return log.write(folder.base('original'))
}

interface Line {
  readonly kind: string
  readonly time: number
  readonly trace: number
  bytes: number
}

/** Events that belong together as one: a block of 2 GiB or more is written as several. */
function linesOf(reader: Reader): Line[] {
  const lines: Line[] = []
  for (const event of reader.events()) {
    if (event.kind !== 'alloc' && event.kind !== 'free') continue
    const { kind, time, trace, size, scale } = event
    const last = lines.at(-1)
    const same = last?.kind === kind && last.time === time && last.trace === trace
    if (same && last !== undefined) last.bytes += size * scale
    else lines.push({ kind, time, trace, bytes: size * scale })
  }
  return lines
}

test.each(['weighted', 'original'] as const)(
  '%s: what is exported and opened again is the same recording',
  (sizes) => {
    fc.assert(
      fc.property(recording, (given) => {
        const base = folder.base('exported')
        using original = read(write(given))
        const { largestError, events } = exportHeapprof(original, base, { sizes })
        using again = read(base)
        const [before, after] = [linesOf(original), linesOf(again)]
        expect(after.map(({ kind, time, trace }) => [kind, time, trace])).toEqual(
          before.map(({ kind, time, trace }) => [kind, time, trace]),
        )
        for (const [index, { bytes }] of before.entries()) {
          const error = Math.abs((after[index] as Line).bytes - bytes)
          expect(error).toBeLessThanOrEqual(bytes * (largestError + 1e-12))
          if (sizes === 'weighted') expect(error).toBeLessThanOrEqual(0.5 + 1e-6)
        }
        expect(again.truncated).toBe(0)
        expect(again.header?.startTime).toBeCloseTo(original.header?.startTime ?? 0, 3)
        expect(Array.from(again.events()).length).toBe(events + 1)
        const used = new Set(after.map(({ trace }) => trace))
        for (const trace of used) {
          const places = (reader: Reader) => reader.trace(trace).frames.map(({ file, line }) => [file, line])
          const clean = ([file, line]: readonly (string | number)[]) => [
            String(file).replace(/[;\p{Cc}]/gu, '_'),
            line,
          ]
          expect(places(again)).toEqual(places(original).map(clean))
        }
      }),
      { numRuns: 150 },
    )
  },
)
