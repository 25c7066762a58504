import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { ExportFormat, ExportOptions } from '../../../src/core/export/export-profile.js'
import { viewOf } from '../../../src/core/export/view.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { HEADER, type LogBuilder, logFolder } from '../../support/log-builder.js'
import { openInSpeedscope, stacksOf } from './speedscope-reader.js'
import { decodePprof, exactLog, exported, NASTY, sum, totals } from './support.js'

const folder = logFolder()
afterAll(folder.remove)

async function withReader<T>(log: LogBuilder, use: (reader: Reader) => T | Promise<T>): Promise<T> {
  const reader = read(log.write(folder.base('log')))
  try {
    return await use(reader)
  } finally {
    reader.close()
  }
}

const bytesOf = (log: LogBuilder, format: ExportFormat, options?: ExportOptions) =>
  withReader(log, (reader) => exported(reader, format, options))

const textOf = async (log: LogBuilder, format: ExportFormat, options?: ExportOptions) =>
  (await bytesOf(log, format, options)).toString('utf8')

/** main calls a and b; a allocates 100 and 60 bytes, of which 100 are freed; b a buffer of 500. */
function twoStacks(): LogBuilder {
  const log = exactLog()
  const main = { function: 'main', line: 9, column: 3 }
  const a = log.trace([{ function: 'a', url: 'file:///app/a.js', line: 2, column: 15 }, main])
  const b = log.trace([{ function: 'b', line: 7 }, main], 'arrayBuffer')
  log.events.alloc(10, a, 100).alloc(20, a, 60).alloc(30, b, 500).free(40, a, 100, 30)
  return log
}

describe('collapsed', () => {
  test('a line is a stack, root first, and whole bytes', async () => {
    expect(await textOf(twoStacks(), 'collapsed')).toBe(
      'main (/app/main.js:9);b (/app/main.js:7) 500\nmain (/app/main.js:9);a (/app/a.js:2) 160\n',
    )
    expect(await textOf(twoStacks(), 'collapsed', { value: 'live', domain: 'heap' })).toBe(
      'main (/app/main.js:9);a (/app/a.js:2) 60\n',
    )
  })

  test('no name breaks a line, a stack or the number', async () => {
    const log = exactLog()
    for (const name of NASTY) {
      log.events.alloc(
        1,
        log.trace([
          { function: name, url: '' },
          { function: name, url: `/${name}` },
        ]),
        8,
      )
    }
    const lines = (await textOf(log, 'collapsed')).split('\n')
    expect(lines.pop()).toBe('')
    expect(lines).toHaveLength(NASTY.length)
    for (const line of lines) {
      const [, stack, number] = /^(.*) (\d+)$/.exec(line) as unknown as [string, string, string]
      expect(number).toBe('8')
      expect(stack.split(';')).toHaveLength(2)
      expect(stack).not.toMatch(/\s[\d.]+$/) // would be the first of two numbers
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
    }
  })
})

describe('speedscope', () => {
  const require = createRequire(import.meta.url)
  const schema = JSON.parse(
    readFileSync(require.resolve('speedscope/dist/release/file-format-schema.json'), 'utf8'),
  )
  const validate = new Ajv().compile(schema)

  test('live and allocated, by domain, as its schema says', async () => {
    const file = JSON.parse(await textOf(twoStacks(), 'speedscope'))
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true)
    expect(file.shared.frames[3]).toEqual({
      name: 'b (/app/main.js:7)',
      file: '/app/main.js',
      line: 7,
      col: 1,
    })
    const shown = file.profiles.map(({ name, samples, weights, endValue }: Record<string, unknown>) => [
      name,
      samples,
      weights,
      endValue,
    ])
    expect(shown).toEqual([
      ['allocated, heap, 160 B', [[1, 2]], [160], 160],
      ['allocated, arrayBuffer, 500 B', [[1, 3]], [500], 500],
      ['live at the end, heap, 60 B', [[1, 2]], [60], 60],
      ['live at the end, arrayBuffer, 500 B', [[1, 3]], [500], 500],
    ])
  })

  test('the value asked for comes first', async () => {
    const names = async (options: ExportOptions) =>
      JSON.parse(await textOf(twoStacks(), 'speedscope', options)).profiles.map(
        ({ name }: { name: string }) => name,
      )
    expect(await names({ at: 'peak', domain: 'heap' })).toEqual([
      'live at the peak (0.000 s), heap, 160 B',
      'allocated, heap, 160 B',
    ])
    expect((await names({ value: 'live' }))[0]).toMatch(/^live/)
  })

  test('a recording without samples is valid', async () => {
    const file = JSON.parse(await textOf(exactLog(), 'speedscope'))
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true)
  })
})

describe('heapprofile', () => {
  /** The names and types of a JSON value; of lists, those of their first items. */
  function shape(value: unknown): unknown {
    if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
    if (typeof value !== 'object' || value === null) return typeof value
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== 'children')
        .map(([key, item]) => [key, shape(item)]),
    )
  }

  test('is what the inspector gives, by names and types', async () => {
    const session = new Session()
    session.connect()
    await session.post('HeapProfiler.startSampling', { samplingInterval: 64 })
    const kept = Array.from({ length: 1000 }, (_, index) => ({ index }))
    const { profile } = await session.post('HeapProfiler.stopSampling')
    session.disconnect()
    expect(kept).toHaveLength(1000)
    const own = JSON.parse(await textOf(twoStacks(), 'heapprofile'))
    expect(shape(own)).toEqual(shape(profile))
    const [child] = own.head.children
    expect(shape(child)).toEqual(shape(profile.head.children[0]))
  })

  test('a tree of calls, lines from 0, a sample for each node with bytes', async () => {
    const { head, samples } = JSON.parse(await textOf(twoStacks(), 'heapprofile'))
    expect(head).toMatchObject({ callFrame: { functionName: '(root)', lineNumber: -1 }, selfSize: 0, id: 1 })
    const [main] = head.children
    expect(main).toMatchObject({
      callFrame: { functionName: 'main', url: '/app/main.js', lineNumber: 8, columnNumber: 2 },
      selfSize: 0,
    })
    expect(
      main.children.map(
        ({ callFrame, selfSize }: { callFrame: { functionName: string }; selfSize: number }) => [
          callFrame.functionName,
          selfSize,
        ],
      ),
    ).toEqual([
      ['a', 60],
      ['b', 500],
    ])
    expect(samples).toEqual([
      { size: 500, nodeId: 4, ordinal: 1 },
      { size: 60, nodeId: 3, ordinal: 2 },
    ])
  })

  test('allocated bytes when they are asked for', async () => {
    const { samples } = JSON.parse(await textOf(twoStacks(), 'heapprofile', { value: 'allocated' }))
    expect(samples.map(({ size }: { size: number }) => size)).toEqual([500, 160])
  })
})

describe('pprof', () => {
  test('four numbers, labels, functions and lines', async () => {
    const { profile, samples } = decodePprof(await bytesOf(twoStacks(), 'pprof'))
    expect(samples).toEqual([
      {
        values: { alloc_objects: 1, alloc_space: 500, inuse_objects: 1, inuse_space: 500 },
        labels: { domain: 'arrayBuffer', thread: 'main' },
        stack: ['b /app/main.js:7', 'main /app/main.js:9'],
      },
      {
        values: { alloc_objects: 2, alloc_space: 160, inuse_objects: 1, inuse_space: 60 },
        labels: { domain: 'heap', thread: 'main' },
        stack: ['a /app/a.js:2', 'main /app/main.js:9'],
      },
    ])
    const text = (index: unknown) => profile.stringTable.strings[Number(index)]
    expect(profile.sampleType.map(({ unit }) => text(unit))).toEqual(['count', 'bytes', 'count', 'bytes'])
    expect(text(profile.defaultSampleType)).toBe('alloc_space')
    expect([text(profile.periodType?.type), text(profile.periodType?.unit)]).toEqual(['space', 'bytes'])
    expect(profile.period).toBe(512)
    expect(BigInt(profile.timeNanos)).toBe(1_700_000_000_000_500_000n)
    expect(Number(profile.durationNanos)).toBe(40_000)
    expect(profile.function.map(({ name, startLine }) => [text(name), Number(startLine)])).toEqual([
      ['(unknown)', 0],
      ['main', 1],
      ['a', 1],
      ['b', 1],
    ])
    expect(profile.comment.map(text)).toContain(
      'pid 4711, thread 0, Node v20.20.2, linux-x64: node script.js',
    )
    expect(text(0)).toBe('')
  })

  test('what is live is shown first when a time is asked for', async () => {
    const { profile } = decodePprof(await bytesOf(twoStacks(), 'pprof', { at: 20e-6 }))
    expect(profile.stringTable.strings[Number(profile.defaultSampleType)]).toBe('inuse_space')
  })

  test('a recording without a header and without samples', async () => {
    const { profile, samples } = decodePprof(await bytesOf(exactLog({}), 'pprof'))
    expect(samples).toEqual([])
    expect(profile.sampleType).toHaveLength(4)
  })
})

describe('json', () => {
  test('header facts, frames once, numbers by stack', async () => {
    const log = twoStacks()
    log.events.alloc(50, 0, 8)
    const file = JSON.parse(await textOf(log, 'json'))
    expect(Object.keys(file)).toEqual([
      'version',
      'startTime',
      'time',
      'samplingInterval',
      'headers',
      'frames',
      'traces',
    ])
    expect(file).toMatchObject({
      version: 1,
      startTime: HEADER.startTime,
      time: 50e-6,
      samplingInterval: 512,
    })
    expect(file.headers).toMatchObject([{ pid: 4711, command: ['node', 'script.js'] }])
    expect(file.frames[2]).toEqual({
      function: 'a',
      file: '/app/a.js',
      line: 2,
      column: 15,
      approximate: false,
    })
    expect(file.traces[1]).toEqual({
      domain: 'heap',
      thread: 'main',
      truncated: false,
      allocated: { bytes: 160, allocations: 2 },
      live: { bytes: 60, allocations: 1 },
      frames: [2, 1],
    })
    expect(file.traces[2].frames).toEqual([])
  })
})

describe('in speedscope', () => {
  const names: [ExportFormat, string][] = [
    ['pprof', 'profile.pb.gz'],
    ['speedscope', 'profile.speedscope.json'],
    ['collapsed', 'profile.collapsedstack.txt'],
    ['heapprofile', 'profile.heapprofile'],
  ]

  test.each(names)('%s opens, with the same stacks and bytes', async (format, name) => {
    const options: ExportOptions = { value: 'allocated', domain: 'heap' }
    const log = twoStacks()
    const [profile] = await openInSpeedscope(name, await bytesOf(log, format, options))
    const stacks = Array.from(stacksOf(profile as never)).map(([stack, bytes]) => [
      stack.replaceAll(/ \(\/.*?\)/g, ''),
      bytes,
    ])
    const expected = format === 'heapprofile' ? [['(root) > main > a', 160]] : [['main > a', 160]]
    expect(stacks).toEqual(expected)
  })
})

describe('any recording', () => {
  const name = fc.oneof(
    fc.constantFrom(...NASTY),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc
      .array(fc.integer({ min: 0xd800, max: 0xdfff }), { maxLength: 3 })
      .map((codes) => String.fromCharCode(...codes)),
  )
  const frame = fc.record({
    function: name,
    url: name,
    line: fc.nat({ max: 3 }),
    column: fc.nat({ max: 2 ** 31 }),
  })
  const domain = fc.constantFrom('heap', 'arrayBuffer', 'native')
  const allocation = fc.record({
    frames: fc.array(frame, { maxLength: 4 }),
    domain,
    size: fc.oneof(fc.nat({ max: 4096 }), fc.constantFrom(0, 1, 2 ** 33 + 8, 2 ** 45)),
    freed: fc.boolean(),
  })

  test('every export keeps the total of the view, and can be read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(allocation, { maxLength: 12 }),
        fc.nat({ max: 2 }),
        async (allocations, rule) => {
          const log = exactLog()
          if (rule > 0) log.events.sampling(0, 'heap', 100 * rule)
          for (const { frames, domain, size, freed } of allocations) {
            const trace = log.trace(frames, domain)
            log.events.alloc(log.events.time + 5, trace, size)
            if (freed) log.events.free(log.events.time + 5, trace, size, 5)
          }
          await withReader(log, async (reader) => {
            const total = totals(viewOf([reader]))
            const near = (bytes: number, expected: number) =>
              expect(Math.abs(bytes - Math.round(expected))).toBeLessThanOrEqual(
                Math.max(1, expected * 1e-12),
              )
            const text = async (format: ExportFormat, options?: ExportOptions) =>
              (await exported(reader, format, options)).toString('utf8')

            const lines = (await text('collapsed')).split('\n').slice(0, -1)
            near(sum(lines.map((line) => Number(/ (\d+)$/.exec(line)?.[1]))), total.allocated)
            const live = JSON.parse(await text('heapprofile'))
            near(sum(live.samples.map(({ size }: { size: number }) => size)), total.live)
            const json = JSON.parse(await text('json'))
            type Numbers = { allocated: { bytes: number }; live: { bytes: number } }
            near(sum(json.traces.map(({ allocated }: Numbers) => allocated.bytes)), total.allocated)
            near(sum(json.traces.map(({ live }: Numbers) => live.bytes)), total.live)
            const { samples } = decodePprof(await exported(reader, 'pprof'))
            near(sum(samples.map(({ values }) => values.alloc_space as number)), total.allocated)
            near(sum(samples.map(({ values }) => values.inuse_space as number)), total.live)
            for (const profile of JSON.parse(await text('speedscope')).profiles) {
              expect(sum(profile.weights)).toBe(profile.endValue)
            }
          })
        },
      ),
      { numRuns: 150 },
    )
  })

  test('no export holds markup, or a line end within a text', async () => {
    const log = exactLog()
    for (const text of NASTY) log.events.alloc(1, log.trace([{ function: text, url: `/${text}` }]), 8)
    for (const format of ['speedscope', 'heapprofile', 'json'] as const) {
      const text = await textOf(log, format)
      expect(text).not.toContain('<')
      expect(text).not.toMatch(/[\u2028\u2029\0]/)
      expect(({} as Record<string, unknown>).alert).toBeUndefined()
      const names = JSON.stringify(JSON.parse(text))
      for (const nasty of NASTY.filter((item) => item !== '')) {
        expect(names, nasty).toContain(JSON.stringify(Buffer.from(nasty).toString()).slice(1, -1))
      }
    }
    const { samples } = decodePprof(await bytesOf(log, 'pprof'))
    expect(samples).toHaveLength(NASTY.length)
  })

  test('bytes that no number can hold end in a number', async () => {
    const log = exactLog()
    log.events
      .scale(1, 1.7e308)
      .alloc(1, log.trace([{}]), 2 ** 45)
      .scale(1, 1.7e308)
      .alloc(1, 0, 2 ** 45)
    const file = JSON.parse(await textOf(log, 'json'))
    expect(sum(file.traces.map(({ live }: { live: { bytes: number } }) => live.bytes))).toBe(2 ** 53 - 1)
    for (const format of ['speedscope', 'heapprofile', 'collapsed'] as const) {
      expect(await textOf(log, format)).not.toMatch(/Infinity[^ ]|NaN|null/)
    }
    expect(decodePprof(await bytesOf(log, 'pprof')).samples[0]?.values.alloc_space).toBe(2 ** 53 - 1)
  })
})
