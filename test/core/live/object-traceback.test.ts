import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { addon } from '../../../src/core/addon.js'
import { clearTraces } from '../../../src/core/live/memory.js'
import { getObjectTraceback } from '../../../src/core/live/object-traceback.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { folderWith } from '../../support/command-line.js'

const HERE = import.meta.filename

class Point {
  x = 1
}

/** Everything that a program can ask for, each made in the function of its name. */
const MAKERS = {
  literal: () => ({ a: 1 }),
  instance: () => new Point(),
  list: () => [1, 2, 3, Math.random()],
  fn: () => () => 1,
  map: () => new Map([[1, 2]]),
  error: () => new Error('x'),
  date: () => new Date(),
  promise: () => Promise.resolve(1),
  buffer: () => new ArrayBuffer(100_000),
  bytes: () => new Uint8Array(100_000),
  nodeBuffer: () => Buffer.alloc(100_000),
  smallBuffer: () => Buffer.from('abc'),
  view: () => new DataView(new ArrayBuffer(100)),
}

let kept: unknown[] = []

afterEach(() => {
  stop()
  kept = []
})

function newest(object: unknown): string | undefined {
  const frames = getObjectTraceback(object)?.frames.filter(({ file }) => file === HERE)
  return frames?.at(-1)?.function
}

test.each(Object.entries(MAKERS))('get_object_traceback: %s', (name, make) => {
  start({ samplingInterval: 1 })
  const object = make()
  expect(newest(object)).toBe(name)
})

test('the line is that of the allocation', () => {
  start({ samplingInterval: 1 })
  const object = { made: new Error('here') }
  const line = Number(/object-traceback\.test\.ts:(\d+)/.exec(object.made.stack as string)?.[1])
  expect(getObjectTraceback(object)?.at(-1)).toMatchObject({ file: HERE, line, approximate: false })
})

test('an array buffer without samples of the heap, and a view of all of it or of a part', () => {
  start({ samplingInterval: 1, domains: ['arrayBuffer'] })
  const buffer = MAKERS.buffer()
  expect(newest(buffer)).toBe('buffer')
  expect(newest(new Uint8Array(buffer))).toBe('buffer')
  expect(newest(new Float64Array(buffer))).toBe('buffer')
  expect(newest(new Uint8Array(buffer, 8))).toBeUndefined()
  expect(newest(Buffer.from('abc'))).toBeUndefined() // a part of the memory that small buffers share
  expect(newest(new Uint8Array(16))).toBeUndefined() // V8 has these bytes in the object itself
  expect(newest(new Uint8Array(new SharedArrayBuffer(100_000)))).toBeUndefined()
  expect(newest({ a: 1 })).toBeUndefined()
})

test('new_reference: the object is the same wherever collections move it', () => {
  start({ samplingInterval: 1 })
  const object = MAKERS.instance()
  const holder = { object }
  for (let turn = 0; turn < 4; turn++) {
    for (let i = 0; i < 1000; i++) kept.push({ i })
    addon().collectGarbage()
    expect(newest(holder.object)).toBe('instance')
  }
})

test('each of many objects has its own', () => {
  start({ samplingInterval: 1 })
  const makers = [MAKERS.literal, MAKERS.instance, MAKERS.map, MAKERS.fn] as const
  const objects = Array.from({ length: 200 }, (_, i) => makers[i % 4]?.())
  const names = objects.map(newest)
  const expected = ['literal', 'instance', 'map', 'fn']
  expect(names).toEqual(objects.map((_, i) => expected[i % 4]))
})

test('what was not sampled has none: older, cleared, stopped, or not drawn', () => {
  const older = MAKERS.literal()
  expect(getObjectTraceback(older)).toBeUndefined()
  start({ samplingInterval: 1 })
  expect(getObjectTraceback(older)).toBeUndefined()
  const [object, buffer] = [MAKERS.literal(), MAKERS.buffer()]
  expect([newest(object), newest(buffer)]).toEqual(['literal', 'buffer'])
  clearTraces()
  expect([newest(object), newest(buffer)]).toEqual([undefined, undefined])
  const later = MAKERS.literal()
  expect(newest(later)).toBe('literal')
  stop()
  expect(newest(later)).toBeUndefined()
  start({ samplingInterval: 2 ** 30 })
  expect(newest(MAKERS.literal())).toBeUndefined()
})

test.each([
  1,
  1.5,
  2 ** 60,
  'text',
  '',
  true,
  null,
  undefined,
  Symbol('a'),
  Symbol.iterator,
  10n,
  globalThis,
  process,
])('a value without an allocation of its own, or an older one, has none: %#', (value) => {
  start({ samplingInterval: 1 })
  expect(getObjectTraceback(value)).toBeUndefined()
})

test('with the polled source there is none', () => {
  start({ samplingInterval: 1, source: 'polled' })
  for (let i = 0; i < 1000; i++) kept.push(MAKERS.literal())
  addon().collectGarbage()
  expect(getObjectTraceback(kept[0])).toBeUndefined()
  expect(newest(MAKERS.buffer())).toBe('buffer')
})

test('set_traceback_limit: as many frames as are kept', () => {
  start({ samplingInterval: 1, stackDepth: 1 })
  expect(getObjectTraceback(MAKERS.literal())).toMatchObject({ length: 1, truncated: true })
})

test('during a recording into files', () => {
  start(join(folderWith(), 'run'), { samplingInterval: 1 })
  expect([newest(MAKERS.map()), newest(MAKERS.nodeBuffer())]).toEqual(['map', 'nodeBuffer'])
})

test('asking keeps nothing alive, and allocates nothing that is traced', async () => {
  start({ samplingInterval: 1 })
  const reference = new WeakRef(MAKERS.literal())
  expect(newest(reference.deref())).toBe('literal')
  await new Promise((resolve) => setTimeout(resolve, 1)) // a WeakRef holds its object until the end of the turn
  addon().collectGarbage()
  expect(reference.deref()).toBeUndefined()
})

test('another profiler takes V8 away: then there are no samples to look into', async () => {
  const { Session } = await import('node:inspector')
  start({ samplingInterval: 1 })
  const object = MAKERS.literal()
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.stopSampling')
  session.disconnect()
  expect(getObjectTraceback(object)).toBeUndefined()
})
