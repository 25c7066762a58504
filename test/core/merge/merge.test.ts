import { linkSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ProfileEvent } from '../../../src/core/events.js'
import { viewOf } from '../../../src/core/export/view.js'
import { mergeProfiles } from '../../../src/core/merge/merge-profiles.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { sumTraces } from '../../../src/core/reduce/trace-sum.js'
import type { Counters, Domain } from '../../../src/core/types.js'
import { folderWith } from '../../support/command-line.js'
import { type FrameSpec, HEADER, LogBuilder } from '../../support/log-builder.js'
import { fixture } from '../heapprof/fixtures.js'

const START = HEADER.startTime

function later(milliseconds: number, more: object = {}): object {
  return { ...HEADER, startTime: START + milliseconds, ...more }
}

/** A log whose heap is sampled at an interval; 0 records everything. */
function logOf(header: object | undefined, interval = 0): LogBuilder {
  const log = new LogBuilder(header)
  log.events.sampling(0, 'heap', interval)
  return log
}

async function merged(...logs: LogBuilder[]): Promise<string> {
  const folder = folderWith()
  const bases = logs.map((log, index) => log.write(join(folder, `in${index}`)))
  const out = join(folder, 'out')
  await mergeProfiles(bases, out)
  return out
}

function eventsOf(base: string): ProfileEvent[] {
  using reader = read(base)
  return Array.from(reader.events())
}

function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )
}

const counters = (heapBytes: number, more: Partial<Counters> = {}): Counters => ({
  heapBytes,
  collections: 1,
  majorCollections: 0,
  arrayBufferBytes: 0,
  arrayBufferCalls: 0,
  arrayBufferFreedBytes: 0,
  arrayBufferFrees: 0,
  nativeBytes: 0,
  nativeCalls: 0,
  nativeFrees: 0,
  unseenCollections: 0,
  ...more,
})

test('events of both in the order of time, each of its own thread', async () => {
  const first = logOf(HEADER)
  first.events.alloc(100, first.trace([{ function: 'a' }]), 8)
  first.events
    .free(900, first.trace([{ function: 'a' }]), 8, 800)
    .collection(1000, 1, 5, 100, 50)
    .end(1000)
  const second = logOf(later(0.5, { pid: 2, thread: 3, command: ['other'] }))
  second.events.alloc(100, second.trace([{ function: 'b' }]), 16).end(400)
  const out = await merged(first, second)
  const seen = eventsOf(out).map((event) => [event.kind, Math.round(event.time * 1e6), event.thread])
  expect(seen).toEqual([
    ['sampling', 0, 0],
    ['alloc', 100, 0],
    ['alloc', 600, 1],
    ['free', 900, 0],
    ['collection', 1000, 0],
    ['end', 1000, 0],
  ])
  using reader = read(out)
  expect(reader.header).toMatchObject({ startTime: START, pid: 4711 })
  expect(reader.header?.merged).toEqual([
    { pid: 4711, thread: 0, command: ['node', 'script.js'] },
    { pid: 2, thread: 3, command: ['other'] },
  ])
  expect(reader.end).toBe('')
  expect(reader.truncated).toBe(0)
  const [, , , free, collection] = eventsOf(out)
  expect(free).toMatchObject({ size: 8, age: 800e-6 })
  expect(collection).toMatchObject({ type: 1, duration: 5e-6, before: 100, after: 50 })
})

test('equal stacks become one trace, with their places in the sources', async () => {
  const stack: FrameSpec[] = [{ function: 'leaf', line: 4 }, { function: 'root' }]
  const [first, second, third] = [logOf(HEADER), logOf(HEADER), logOf(HEADER)]
  second.trace([{ function: 'other', url: '/other.js' }])
  for (const log of [first, second, third]) log.events.alloc(1, log.trace(stack), 8)
  const place = { line: 40, column: 2, file: '/app/main.ts', name: '' }
  first.mapped(2, place)
  second.mapped(3, place) // the leaf, behind the root
  third.mapped(2, { ...place, file: '/app/other-build.ts' })
  using reader = read(await merged(first, second, third))
  expect(reader.traceCount).toBe(3) // leaf, other, and leaf of another build
  const files = sumTraces(reader).map(({ trace, bytes }) => [reader.trace(trace).frames[0]?.file, bytes])
  expect(files).toEqual([
    ['/app/main.ts', 16],
    ['/app/other-build.ts', 8],
  ])
})

test('counters are summed up as they go', async () => {
  const [first, second] = [logOf(HEADER), logOf(HEADER)]
  first.events.counters(10, counters(100)).counters(30, counters(150, { collections: 4, nativeCalls: 7 }))
  second.events.counters(20, counters(1000, { unseenCollections: 2 }))
  const seen = eventsOf(await merged(first, second)).flatMap((event) =>
    event.kind === 'counters' ? [event.counters] : [],
  )
  expect(seen.map(({ heapBytes }) => heapBytes)).toEqual([100, 1100, 1150])
  expect(seen.at(-1)).toMatchObject({ collections: 5, nativeCalls: 7, unseenCollections: 2 })
})

test('counters that come to more than a number holds stay at the greatest', async () => {
  const logs = [logOf(HEADER), logOf(HEADER)]
  for (const log of logs) log.events.counters(1, counters(2 ** 53 - 1))
  using reader = read(await merged(...logs))
  expect(reader.counters?.heapBytes).toBe(2 ** 53 - 1)
})

test('what was sampled in another way keeps its weight', async () => {
  const coarse = logOf(HEADER, 8192)
  const fine = logOf(HEADER, 512)
  const table = new LogBuilder(HEADER)
  table.events.samplingTable(0, 'arrayBuffer', [[4096, 0.1]])
  for (const log of [coarse, fine]) log.events.alloc(1, log.trace([{ function: 'f' }]), 100)
  table.events.alloc(2, table.trace([{ function: 'f' }], 'arrayBuffer'), 100)
  table.events.free(3, table.trace([{ function: 'f' }], 'arrayBuffer'), 100, 1)
  const out = await merged(coarse, fine, table)
  const scales = eventsOf(out).flatMap((event) => ('scale' in event ? [event.scale] : []))
  expect(scales).toEqual([1 / -Math.expm1(-100 / 8192), 1 / -Math.expm1(-100 / 512), 10, 10])
  using reader = read(out)
  expect(reader.sampling.heap?.interval).toBe(8192)
  expect(reader.sampling.arrayBuffer?.table).toEqual([[4096, 0.1]])
})

test('a rule that changes on the way, and scales of single events', async () => {
  const log = logOf(HEADER, 512)
  const trace = log.trace([{ function: 'f' }])
  log.events
    .alloc(1, trace, 64)
    .sampling(2, 'heap', 64)
    .alloc(3, trace, 64)
    .scale(4, 7.25)
    .alloc(4, trace, 64)
  const scales = (base: string) => eventsOf(base).flatMap((event) => ('scale' in event ? [event.scale] : []))
  const folder = folderWith()
  const base = log.write(join(folder, 'in'))
  await mergeProfiles([base], join(folder, 'out'))
  expect(scales(join(folder, 'out'))).toEqual(scales(base))
  expect(new Set(scales(base)).size).toBe(3)
})

test('recordings that are cut, being written, or empty', async () => {
  const folder = folderWith()
  const whole = logOf(HEADER)
  whole.events.alloc(1, whole.trace([{ function: 'f' }]), 8).end(2)
  const cut = logOf(HEADER)
  cut.events.alloc(1, cut.trace([{ function: 'f' }]), 16)
  cut.blockHpd()
  cut.events.alloc(2, cut.trace([{ function: 'f' }]), 32)
  const bases = [whole.write(join(folder, 'whole')), cut.write(join(folder, 'cut'))]
  truncateSync(`${bases[1]}.hpd`, readFileSync(`${bases[1]}.hpd`).length - 1)
  for (const extension of ['hpm', 'hpd']) writeFileSync(join(folder, `empty.${extension}`), '')
  const parts = await mergeProfiles([...bases, join(folder, 'empty')], join(folder, 'out'))
  expect(parts.map(({ end, truncated }) => [end, truncated > 0])).toEqual([
    ['', false],
    [undefined, true],
    [undefined, false],
  ])
  using reader = read(join(folder, 'out'))
  expect(sumTraces(reader).map(({ bytes }) => bytes)).toEqual([24])
  expect(reader.end).toBe('2 of 3 merged recordings were cut')
})

test('more recordings than may be open at once: the same sums, and nothing left behind', async () => {
  const folder = folderWith()
  const bases = Array.from({ length: 150 }, (_, index) => {
    const log = logOf(later(index, { pid: index, thread: index % 3 }), index % 2 === 0 ? 512 : 64)
    log.events.alloc(5000, log.trace([{ function: `f${index % 10}` }]), index + 1)
    log.events.counters(6000, counters(index)).end(6000, index === 77 ? 'no memory' : '')
    return log.write(join(folder, `in${index}`))
  })
  const before = readdirSync(folder)
  const parts = await mergeProfiles(bases, join(folder, 'out'))
  expect(parts.map(({ fileBase }) => fileBase)).toEqual(bases)
  expect(readdirSync(folder).sort()).toEqual([...before, 'out.hpd', 'out.hpm'].sort())
  using reader = read(join(folder, 'out'))
  expect(reader.header?.merged?.map(({ pid }) => pid)).toEqual(bases.map((_, index) => index))
  expect(reader.counters?.heapBytes).toBe((149 * 150) / 2)
  expect(reader.end).toBe('no memory')
  const readers = bases.map((base) => read(base))
  const byLeaf = (view: ReturnType<typeof viewOf>) =>
    Object.fromEntries(
      view.traces.map(({ node, thread, allocated }) => [
        `${view.tree.frames[view.tree.stack(node)[0] as number]?.function} ${thread}`,
        Number(allocated.bytes.toPrecision(12)),
      ]),
    )
  expect(byLeaf(viewOf([reader]))).toEqual(byLeaf(viewOf(readers)))
  expect(viewOf([reader]).time).toBeCloseTo(viewOf(readers).time, 9)
  for (const each of readers) each.close()
  const times = eventsOf(join(folder, 'out')).map(({ time }) => time)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('merging what was merged', async () => {
  const logs = [1, 2, 3].map((pid) => {
    const log = logOf(later(pid, { pid, thread: pid, domains: ['heap', 'native'] }))
    log.events.alloc(1, log.trace([{ function: 'f' }]), 2 ** pid).thread(2, 5)
    log.events.alloc(2, log.trace([{ function: 'g' }], 'native'), 8)
    return log
  }) as [LogBuilder, LogBuilder, LogBuilder]
  const two = await merged(logs[0], logs[1])
  const folder = folderWith()
  const third = logs[2].write(join(folder, 'third'))
  await mergeProfiles([two, third], join(folder, 'out'))
  using reader = read(join(folder, 'out'))
  const command = HEADER.command
  expect(reader.header?.merged).toEqual([
    { pid: 1, thread: 1, command },
    { pid: 1, thread: 1, command, native: 5 },
    { pid: 2, thread: 2, command },
    { pid: 2, thread: 2, command, native: 5 },
    { pid: 3, thread: 3, command },
    { pid: 3, thread: 3, command, native: 5 },
  ])
  expect(
    eventsOf(join(folder, 'out')).flatMap((event) => (event.kind === 'alloc' ? [event.thread] : [])),
  ).toEqual([0, 1, 2, 3, 4, 5])
})

test('threads without JavaScript have numbers of their own', async () => {
  const logs = [1, 2].map((pid) => {
    const log = logOf({ ...HEADER, pid, domains: ['heap', 'native'] })
    log.events.alloc(1, log.trace([{ function: 'f' }]), 8).thread(2, 4)
    log.events.alloc(2, log.trace([{ function: 'g' }], 'native'), 8)
    return log
  })
  using reader = read(await merged(...logs))
  const { command } = HEADER
  expect(reader.header?.merged).toEqual([
    { pid: 1, thread: 0, command },
    { pid: 1, thread: 0, command, native: 4 },
    { pid: 2, thread: 0, command },
    { pid: 2, thread: 0, command, native: 4 },
  ])
  const threads = viewOf([reader]).traces.map(({ thread, allocated }) => [thread, allocated.bytes])
  expect(threads.sort()).toEqual([
    ['main', 16],
    ['native thread 4', 16],
  ])
})

test('the output is none of the inputs, by whatever name', async () => {
  const folder = folderWith()
  const log = logOf(HEADER)
  const base = log.write(join(folder, 'in'))
  const other = logOf(HEADER).write(join(folder, 'other'))
  const bytes = readFileSync(`${base}.hpd`)
  for (const extension of ['hpm', 'hpd']) {
    symlinkSync(`in.${extension}`, join(folder, `symbolic.${extension}`))
    linkSync(`${base}.${extension}`, join(folder, `hard.${extension}`))
  }
  for (const out of ['in', 'symbolic', 'hard', `../${basename(folder)}/in`]) {
    expect(await codeOf(mergeProfiles([other, base], join(folder, out)))).toBe('invalid-argument')
  }
  expect(await codeOf(mergeProfiles([other, `${other}.hpm`], join(folder, 'out')))).toBe('invalid-argument')
  expect(await codeOf(mergeProfiles([base, join(folder, 'hard')], join(folder, 'out')))).toBe(
    'invalid-argument',
  )
  expect(readFileSync(`${base}.hpd`)).toEqual(bytes)
})

test('arguments that are none, and outputs that cannot be', async () => {
  const folder = folderWith()
  const base = logOf(HEADER).write(join(folder, 'in'))
  const out = join(folder, 'out')
  expect(await codeOf(mergeProfiles([], out))).toBe('invalid-argument')
  expect(await codeOf(mergeProfiles('in' as never, out))).toBe('invalid-argument')
  expect(await codeOf(mergeProfiles([base], ''))).toBe('invalid-argument')
  expect(await codeOf(mergeProfiles([base], 7 as never))).toBe('invalid-argument')
  expect(await codeOf(mergeProfiles([join(folder, 'none')], out))).toBe('profile-not-found')
  expect(await codeOf(mergeProfiles([base], join(folder, 'no/such')))).toBe('cannot-write')
  expect(readdirSync(folder).sort()).toEqual(['in.hpd', 'in.hpm'])
})

test('damage in an input leaves nothing, and a former output as it was', async () => {
  const folder = folderWith({ 'out.hpm': 'former', 'out.hpd': 'former' })
  const log = logOf(HEADER)
  log.events.alloc(1, log.trace([{ function: 'f' }]), 8)
  const base = log.write(join(folder, 'in'))
  const bytes = readFileSync(`${base}.hpd`)
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
  writeFileSync(`${base}.hpd`, bytes)
  expect(await codeOf(mergeProfiles([base], join(folder, 'out')))).toBe('damaged-profile')
  expect(readFileSync(join(folder, 'out.hpm'), 'utf8')).toBe('former')
  expect(readdirSync(folder)).toHaveLength(4)
})

test('a signal ends it, and nothing is left', async () => {
  const folder = folderWith()
  const log = logOf(HEADER)
  const trace = log.trace([{ function: 'f' }])
  for (let i = 0; i < 300_000; i++) log.events.alloc(i, trace, 8)
  const base = log.write(join(folder, 'in'))
  const reason = new Error('enough')
  const merging = mergeProfiles([base], join(folder, 'out'), { signal: AbortSignal.abort(reason) })
  await expect(merging).rejects.toBe(reason)
  expect(readdirSync(folder).sort()).toEqual(['in.hpd', 'in.hpm'])
})

test('numbers and texts as large as they may be can be read again', async () => {
  const log = logOf({ ...HEADER, command: ['x'.repeat(2 ** 24)] })
  const name = 'n'.repeat(2 ** 26 - 100)
  const trace = log.trace([{ function: 'f' }])
  log.blockHpm()
  const other = log.trace([{ function: name }, { function: 'f' }])
  log.events.alloc(1, trace, 2 ** 53 - 8).alloc(2 ** 50, other, 2 ** 52 - 1)
  log.events
    .free(2 ** 50, trace, 2 ** 53 - 8, 2 ** 51)
    .free(2 ** 50, other, 2 ** 52 - 1, 2 ** 52)
    .end(2 ** 50, 'r'.repeat(5000))
  const out = await merged(log)
  using reader = read(out)
  expect(reader.trace(2).frames[0]?.function).toHaveLength(name.length)
  expect(eventsOf(out).map(({ kind, time }) => [kind, time])).toEqual([
    ['sampling', 0],
    ['alloc', 1e-6],
    ['alloc', 2 ** 50 / 1e6],
    ['free', 2 ** 50 / 1e6],
    ['free', 2 ** 50 / 1e6],
    ['end', 2 ** 50 / 1e6],
  ])
})

test('a header that no block holds', async () => {
  const logs = [1, 2].map((pid) => logOf({ ...HEADER, pid, command: ['x'.repeat(2 ** 25)] }))
  expect(await codeOf(merged(...(logs as [LogBuilder, LogBuilder])))).toBe('too-large')
})

test('start times of other centuries are refused', async () => {
  expect(await codeOf(merged(logOf(HEADER), logOf(later(1e15))))).toBe('damaged-profile')
})

test('any recordings: the sums of the merged one are those of its parts', async () => {
  const event = fc.record({
    name: fc.constantFrom('a', 'b', '__proto__', '\ud800'),
    domain: fc.constantFrom<Domain>('heap', 'arrayBuffer', 'native'),
    size: fc.oneof(fc.nat({ max: 4096 }), fc.constantFrom(2 ** 33 + 8, 2 ** 51 - 1)),
    delay: fc.nat({ max: 2 ** 40 }),
    freed: fc.boolean(),
  })
  const recording = fc.record({
    interval: fc.constantFrom(0, 64, 512),
    start: fc.nat({ max: 100_000 }),
    events: fc.array(event, { maxLength: 10 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(recording, { minLength: 1, maxLength: 5 }), async (recordings) => {
      const logs = recordings.map(({ interval, start, events }) => {
        const log = logOf(later(start), interval)
        for (const { name, domain, size, delay, freed } of events) {
          const trace = log.trace([{ function: name }, { function: 'main' }], domain)
          log.events.alloc(log.events.time + delay, trace, size)
          if (freed) log.events.free(log.events.time + delay, trace, size, delay)
        }
        return log
      })
      const folder = folderWith()
      const bases = logs.map((log, index) => log.write(join(folder, `in${index}`)))
      await mergeProfiles(bases, join(folder, 'out'))
      const sumsOf = (list: readonly string[]) => {
        const sums = new Map<string, { bytes: number; live: number; samples: number }>()
        for (const base of list) {
          using reader = read(base)
          for (const { trace, bytes, live, samples } of sumTraces(reader)) {
            const key = JSON.stringify([reader.trace(trace).frames, reader.domainOf(trace)])
            const known = sums.get(key) ?? { bytes: 0, live: 0, samples: 0 }
            sums.set(key, {
              bytes: known.bytes + bytes,
              live: known.live + live,
              samples: known.samples + samples,
            })
          }
        }
        return sums
      }
      const parts = sumsOf(bases)
      const whole = sumsOf([join(folder, 'out')])
      expect(Array.from(whole.keys()).sort()).toEqual(Array.from(parts.keys()).sort())
      for (const [key, { bytes, live, samples }] of whole) {
        const part = parts.get(key)
        expect(samples).toBe(part?.samples)
        // In another order of summing up the last digits differ.
        expect(Math.abs(bytes - (part?.bytes as number))).toBeLessThanOrEqual(bytes * 1e-12)
        expect(Math.abs(live - (part?.live as number))).toBeLessThanOrEqual(bytes * 1e-12)
      }
    }),
    { numRuns: 60 },
  )
})

test('recordings that heapprof made, with one of ours', async () => {
  const own = logOf(HEADER, 64)
  own.events.alloc(1, own.trace([{ function: 'f' }]), 8)
  const folder = folderWith()
  const bases = [fixture('table'), fixture('shipped'), own.write(join(folder, 'own'))]
  await mergeProfiles(bases, join(folder, 'out'))
  using reader = read(join(folder, 'out'))
  const readers = bases.map((base) => read(base))
  const bytesOf = (list: readonly Reader[]) =>
    list.flatMap((one) => sumTraces(one).map(({ bytes }) => bytes)).reduce((a, b) => a + b)
  expect(bytesOf([reader]) / bytesOf(readers)).toBeCloseTo(1, 12)
  const live = (list: readonly Reader[]) => viewOf(list).traces.reduce((sum, { live }) => sum + live.bytes, 0)
  expect(live([reader]) / live(readers)).toBeCloseTo(1, 9)
  for (const each of readers) each.close()
})
