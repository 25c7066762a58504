import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { type ProfileEvent, type Reader, read } from '../../src/core/reader.js'
import { allocatingAddon, realAddons } from './build-fixture.js'

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures')
const binary = join(packageRoot(), 'build/Release/heapproof.node')
const { addon, linkedStatically, library, preloaded } = allocatingAddon()

const folder = mkdtempSync(join(tmpdir(), 'heapproof-native-'))
afterAll(() => rmSync(folder, { recursive: true }))
const base = (name: string) => join(folder, name)

/** Runs a program in a process of its own, behind the prelude; what it prints as JSON. */
async function run(script: string, options: { addon?: string; env?: NodeJS.ProcessEnv } = {}) {
  const prelude = `const { heapproof, allocating, way, end, counted, record, print } =
    require(${JSON.stringify(join(fixtures, 'native-prelude.cjs'))})\n`
  const env = {
    ...process.env,
    HEAPPROOF_TEST_ADDONS: `${binary}\n${options.addon ?? addon}`,
    ...options.env,
  }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', prelude + script], { env })
  return JSON.parse(stdout)
}

type Sampled = Extract<ProfileEvent, { kind: 'alloc' | 'free' }>

/** The events of allocations and frees whose leaf, the loaded object, has `object` in its path. */
function eventsOf(
  fileBase: string,
  object: string,
): { allocated: Sampled[]; freed: Sampled[]; reader: Reader } {
  const reader = read(fileBase)
  const events = [...reader.events()].filter((event): event is Sampled => {
    if (event.kind !== 'alloc' && event.kind !== 'free') return false
    return reader.trace(event.trace).frames[0]?.file.includes(object)
  })
  reader.close()
  return {
    allocated: events.filter(({ kind }) => kind === 'alloc'),
    freed: events.filter(({ kind }) => kind === 'free'),
    reader,
  }
}

/** How each way to allocate is undone. */
const END: Record<string, string> = {
  malloc: 'free',
  calloc: 'free',
  realloc: 'realloc',
  reallocarray: 'free',
  posix_memalign: 'free',
  aligned_alloc: 'free',
  memalign: 'free',
  valloc: 'free',
  new: 'delete',
  'new[]': 'delete[]',
  'new nothrow': 'delete nothrow',
  'new[] nothrow': 'delete[] nothrow',
  'new aligned': 'delete aligned',
  'new[] aligned': 'delete[] aligned',
  'new aligned nothrow': 'delete aligned nothrow',
  'new[] aligned nothrow': 'delete[] aligned nothrow',
}

describe('exact numbers', () => {
  // The second brings the C++ library's functions with it, and binds each call, at its first, to those of the process.
  test.each([
    ['', addon],
    [', in an add-on with the C++ library inside', linkedStatically],
  ])('every function counts to the byte%s', async (_, addon) => {
    const program = `
      heapproof.countNative(true)
      const ends = ${JSON.stringify(END)}
      const seen = {}
      for (const name of allocating.ways) {
        let handle
        const made = counted(() => { handle = allocating.allocate(way(name), 128, 10) })
        seen[name] = [made, counted(() => allocating.release(handle, end(ends[name])))]
      }
      for (const name of allocating.ends) {
        if (Object.values(ends).includes(name)) continue
        const handle = allocating.allocate(way(name.includes('aligned') ? 'new aligned' : 'new'), 128, 10)
        seen[name] = counted(() => allocating.release(handle, end(name)))
      }
      print(seen)
    `
    const numbers = await run(program, { addon })
    const each = Object.fromEntries(
      Object.keys(END).map((name) => [
        name,
        [
          [1280, 10, 0],
          [0, 0, 10],
        ],
      ]),
    )
    expect(numbers).toEqual({
      ...each,
      'delete sized': [0, 0, 10],
      'delete[] sized': [0, 0, 10],
      'delete sized aligned': [0, 0, 10],
      'delete[] sized aligned': [0, 0, 10],
    })
  })

  test('boundaries: no bytes, no block, no memory', async () => {
    const numbers = await run(`
      const before = counted(() => allocating.release(allocating.allocate(way('malloc'), 100, 10), end('free')))
      heapproof.countNative(true)
      const handle = allocating.allocate(way('malloc'), 100, 10)
      let failed
      const seen = {
        before,
        resize: counted(() => allocating.resize(handle, 300)),
        fail: counted(() => { failed = allocating.fail(handle) }),
        nothing: counted(() => allocating.nothing()),
        zero: counted(() => allocating.release(allocating.allocate(way('malloc'), 0, 10), end('free'))),
        release: counted(() => allocating.release(handle, end('realloc'))),
        failed,
      }
      heapproof.countNative(false)
      seen.after = counted(() => allocating.release(allocating.allocate(way('malloc'), 100, 10), end('free')))
      print(seen)
    `)
    expect(numbers).toEqual({
      before: [0, 0, 0],
      resize: [3000, 10, 10],
      fail: [0, 0, 0],
      nothing: [0, 0, 0],
      zero: [0, 10, 10],
      release: [0, 0, 10],
      failed: 8,
      after: [0, 0, 0],
    })
  })

  test('threads of no isolate count, threads of another isolate do not', async () => {
    const numbers = await run(`
      const { Worker } = require('node:worker_threads')
      heapproof.countNative(true)
      const pool = counted(() => allocating.releaseOnThread(allocating.allocateOnThreads(4, way('new'), 100, 50), end('delete')))
      const worker = new Worker(\`
        const { heapproof, allocating, counted } = require(${JSON.stringify(join(fixtures, 'native-prelude.cjs'))})
        heapproof.countNative(true)
        const own = counted(() => allocating.release(allocating.allocate(0, 1000, 7), 0))
        require('node:worker_threads').parentPort.postMessage(own)
      \`, { eval: true })
      const before = counted(() => {})
      const read = () => { const all = new Float64Array(16); heapproof.readCounters(all); return all.slice(8, 10) }
      const start = read()
      let own
      worker.on('message', (numbers) => { own = numbers })
      // The worker's numbers do not come to us when it has gone, either.
      worker.on('exit', () => print({ pool, own, others: Array.from(read(), (value, i) => value - start[i]) }))
    `)
    expect(numbers).toEqual({ pool: [20_000, 200, 200], own: [7000, 7, 7], others: [0, 0] })
  })

  test('libraries that are loaded later count, however they are loaded', async () => {
    const copy = join(folder, 'second.node')
    copyFileSync(addon, copy)
    const numbers = await run(`
      heapproof.countNative(true)
      const second = require(${JSON.stringify(copy)})
      const required = counted(() => second.release(second.allocate(way('malloc'), 10, 10), end('free')))
      // Opened by the add-on itself, and used at once.
      allocating.open(${JSON.stringify(library)})
      const counting = counted(() => allocating.useLibrary(30, 10))
      allocating.close()
      heapproof.countNative(false)
      const stop = record(${JSON.stringify(base('later'))})
      allocating.open(${JSON.stringify(library)})
      const opened = counted(() => allocating.useLibrary(70, 10))
      allocating.close()
      const gone = counted(() => allocating.release(allocating.allocate(way('malloc'), 10, 10), end('free')))
      stop()
      print({ required, counting, opened, gone })
    `)
    expect(numbers).toEqual({
      required: [100, 10, 10],
      counting: [300, 10, 10],
      opened: [700, 10, 10],
      gone: [100, 10, 10],
    })
    expect(eventsOf(base('later'), 'later.node').freed).toHaveLength(10)
  })

  test('a preloaded allocator goes on allocating', async () => {
    const numbers = await run(
      `
      const handle = allocating.allocate(way('malloc'), 50, 100)
      heapproof.countNative(true)
      const before = allocating.preloadedCalls()
      const seen = counted(() => {
        allocating.release(handle, end('free'))
        allocating.release(allocating.allocate(way('calloc'), 50, 100), end('free'))
      })
      print({ seen, preloaded: allocating.preloadedCalls() - before })
    `,
      { env: { LD_PRELOAD: preloaded } },
    )
    expect(numbers.seen).toEqual([5000, 100, 200])
    // Node allocates beside it.
    expect(numbers.preloaded).toBeGreaterThanOrEqual(100)
  })
})

describe('recordings', () => {
  test('every block has its end, its line, and the add-on as its leaf', async () => {
    await run(`
      const stop = record(${JSON.stringify(base('whole'))})
      function line() { return allocating.allocate(way('malloc'), 1000, 100) }
      const handle = line()
      allocating.resize(handle, 5000)
      allocating.release(handle, end('free'))
      // A realloc that fails leaves the block as it was.
      const kept = allocating.allocate(way('malloc'), 7777, 1)
      allocating.fail(kept)
      allocating.release(kept, end('free'))
      stop()
      print(null)
    `)
    const { allocated, freed, reader } = eventsOf(base('whole'), 'allocating.node')
    const sizes = (events: Sampled[], size: number) => events.filter((event) => event.size === size).length
    expect([sizes(allocated, 1000), sizes(freed, 1000)]).toEqual([100, 100])
    expect([sizes(allocated, 5000), sizes(freed, 5000)]).toEqual([100, 100])
    expect([sizes(allocated, 7777), sizes(freed, 7777)]).toEqual([1, 1])
    const frames = reader.trace(allocated.find(({ size }) => size === 1000)?.trace ?? 0).frames
    expect(frames[1]).toMatchObject({ function: 'line', line: 5, approximate: false })
    expect(reader.counters).toMatchObject({ nativeBytes: 607_777, nativeCalls: 201, nativeFrees: 201 })
    expect(allocated.every(({ thread }) => thread === 0)).toBe(true)
  })

  test('other threads have numbers of their own, and free what others allocated', async () => {
    await run(`
      const stop = record(${JSON.stringify(base('threads'))})
      allocating.release(allocating.allocateOnThreads(3, way('new'), 64, 20), end('delete'))
      allocating.releaseOnThread(allocating.allocate(way('new'), 128, 20), end('delete'))
      stop()
      print(null)
    `)
    const { allocated, freed } = eventsOf(base('threads'), 'allocating.node')
    const threads = allocated.filter(({ size }) => size === 64).map(({ thread }) => thread)
    expect(threads).toHaveLength(60)
    expect(new Set(threads).size).toBe(3)
    expect(threads).not.toContain(0)
    expect(freed.filter(({ size }) => size === 64)).toHaveLength(60)
    expect(freed.filter(({ size }) => size === 128)).toHaveLength(20)
    const times = new Set(allocated.map(({ time }) => Math.round(time * 1e6)))
    const begun = freed.map((event) => Math.round((event.time - ('age' in event ? event.age : 0)) * 1e6))
    expect(begun.filter((time) => !times.has(time))).toEqual([])
  })

  test('a block that node frees for the add-on is seen to end', async () => {
    await run(`
      const stop = record(${JSON.stringify(base('given'))})
      const give = () => { for (let i = 0; i < 20; i++) allocating.give(30_000) }
      give()
      // Collectors free buffers on threads of their own, at some time.
      const look = (times) => {
        heapproof.collectGarbage()
        if (times > 0) return setTimeout(look, 10, times - 1)
        stop()
        print(null)
      }
      look(10)
    `)
    const { allocated, freed } = eventsOf(base('given'), 'allocating.node')
    expect(allocated.filter(({ size }) => size === 30_000)).toHaveLength(20)
    expect(freed.filter(({ size }) => size === 30_000)).toHaveLength(20)
  })

  test('workers record their own blocks', async () => {
    await run(`
      const { Worker } = require('node:worker_threads')
      const body = (name, size) => \`
        const { allocating, record } = require(${JSON.stringify(join(fixtures, 'native-prelude.cjs'))})
        const stop = record(${JSON.stringify(folder)} + '/\${name}')
        for (let i = 0; i < 30; i++) allocating.release(allocating.allocate(0, \${size}, 10), 0)
        stop()
      \`
      const stop = record(${JSON.stringify(base('main'))})
      allocating.release(allocating.allocate(0, 111, 10), 0)
      let running = 2
      for (const [name, size] of [['one', 222], ['two', 333]]) {
        new Worker(body(name, size), { eval: true }).on('exit', () => {
          if (--running > 0) return
          stop()
          print(null)
        })
      }
    `)
    const sizesIn = (name: string) =>
      eventsOf(base(name), 'allocating.node')
        .allocated.map(({ size }) => size)
        .filter((size) => size % 111 === 0)
    expect(sizesIn('main')).toEqual(new Array(10).fill(111))
    expect(sizesIn('one')).toEqual(new Array(300).fill(222))
    expect(sizesIn('two')).toEqual(new Array(300).fill(333))
  })

  test('a forked child frees and allocates, and is in no log', async () => {
    const status = await run(`
      const stop = record(${JSON.stringify(base('forked'))})
      const handle = allocating.allocate(way('malloc'), 12345, 50)
      allocating.startStorm(2)
      const status = [1, 2, 3].map(() => allocating.fork(handle, 10_000))
      allocating.stopStorm()
      stop()
      print(status)
    `)
    expect(status).toEqual([0, 0, 0])
    const { allocated, freed } = eventsOf(base('forked'), 'allocating.node')
    expect(allocated.filter(({ size }) => size === 12_345)).toHaveLength(50)
    expect(freed.filter(({ size, thread }) => size === 12_345 && thread === 0)).toHaveLength(0)
  })

  test('10,000 times on and off under a storm leave everything as it was', async () => {
    const numbers = await run(`
      allocating.startStorm(2)
      for (let i = 0; i < 10_000; i++) {
        if (heapproof.countNative(true) !== undefined) throw new Error('not counting')
        heapproof.countNative(false)
      }
      for (let i = 0; i < 50; i++) record(${JSON.stringify(base('again'))}, [i % 2 ? 1000 : 1])()
      const pairs = allocating.stopStorm()
      print({ busy: pairs > 0, after: counted(() => allocating.release(allocating.allocate(0, 10, 10), 0)) })
    `)
    expect(numbers).toEqual({ busy: true, after: [0, 0, 0] })
  })
})

describe('add-ons of others', { timeout: 600_000 }, () => {
  test('the rows of better-sqlite3 and the pictures of sharp are their own', {
    timeout: 600_000,
  }, async () => {
    const { folder: packages, sqlite } = realAddons()
    const numbers = await run(
      `
      const { createRequire } = require('node:module')
      const load = createRequire(${JSON.stringify(join(packages, 'package.json'))})
      const stop = record(${JSON.stringify(base('real'))}, [4096])
      const Database = load(${JSON.stringify(sqlite)})
      const sharp = load('sharp')
      const database = new Database(':memory:')
      database.exec('create table rows (id integer, text text)')
      const insert = database.prepare('insert into rows values (?, ?)')
      const filled = counted(() => { for (let i = 0; i < 20_000; i++) insert.run(i, 'x'.repeat(200)) })
      const closed = counted(() => database.close())
      const image = { width: 1000, height: 800, channels: 3, background: 'red' }
      sharp({ create: image }).blur(5).png().toBuffer().then(() => {
        heapproof.flush()
        stop()
        print({ filled, closed })
      })
    `,
      { addon: '' },
    )
    // At least the rows themselves; closing frees the pages they were in.
    expect(numbers.filled[0]).toBeGreaterThan(4_000_000)
    expect(numbers.closed[2]).toBeGreaterThan(500)

    const ofSqlite = eventsOf(base('real'), `/node_modules/${sqlite}/`)
    const scaled = ofSqlite.allocated.reduce((bytes, { size, scale }) => bytes + size * scale, 0)
    expect(scaled).toBeGreaterThan(4_000_000)
    expect(ofSqlite.allocated.every(({ thread }) => thread === 0)).toBe(true)
    expect(ofSqlite.freed.length).toBeGreaterThan(0.8 * ofSqlite.allocated.length)

    const reader = read(base('real'))
    const libraries = new Map<string, Set<number>>()
    for (const event of reader.events()) {
      if (event.kind !== 'alloc') continue
      const file = basename(reader.trace(event.trace).frames[0]?.file ?? '')
      libraries.set(file, (libraries.get(file) ?? new Set()).add(event.thread))
    }
    reader.close()
    const [pictures] = [...libraries].filter(([file]) => file.startsWith('libvips'))
    expect(pictures, [...libraries.keys()].join(' ')).toBeDefined()
    // On the threads of the pool, not on ours.
    expect([...(pictures?.[1] ?? [])].some((thread) => thread > 0)).toBe(true)
  })
})
