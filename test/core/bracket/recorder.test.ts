import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Lines, linesOf, mappersOf } from '../../../src/core/bracket/lines.js'
import { FileRecorder } from '../../../src/core/bracket/recorder.js'
import { findProfile } from '../../../src/core/format/files.js'
import { openRecording } from '../../../src/core/reader/open.js'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { temporaryFolder } from '../../support/temporary.js'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true }))

const NOTHING_ASIDE = { heap: 0, arrayBuffers: 0 }

/** Makes so many objects of some hundred bytes, on this line, and keeps the last. */
const holder: { kept?: unknown } = {}
const make = (count: number) => {
  for (let n = 0; n < count; n++) holder.kept = new Array(50).fill(n)
}

/** The files a recorder has made below a folder. */
function filesIn(root: string): string[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
  return files.filter((entry) => entry.isFile() && entry.name.includes('.hp')).map(({ name }) => name)
}

test('a recording stays in memory, and is a profile when it is kept', async () => {
  const recorder = new FileRecorder(folder, 4096)
  recorder.start()
  make(5000)
  recorder.stop()
  expect(filesIn(folder)).toEqual([])
  const lines = await recorder.lines(folder, NOTHING_ASIDE)
  expect(lines?.all[0]).toMatchObject({ function: 'make', domain: 'heap' })
  const base = join(folder, 'kept')
  await recorder.keep(base)
  expect(statSync(`${base}.hpm`).mode & 0o777).toBe(0o600)
  const reader = read(base)
  const [first] = sites(reader).sites
  expect(first?.function).toBe('make')
  // Who called the recorder is on no stack.
  const stacks = Array.from({ length: reader.traceCount }, (_, index) => reader.trace(index + 1).frames)
  expect(stacks.some((frames) => frames.some(({ line }) => line === first?.line))).toBe(true)
  expect(stacks.some((frames) => frames.some(({ file }) => file.includes('/@vitest/runner/')))).toBe(false)
  reader.close()
  recorder.close()
})

test('a long recording is in files, which go with the recorder; the next one is in memory again', async () => {
  const root = join(folder, 'long')
  const recorder = new FileRecorder(root, 16)
  recorder.start()
  make(300_000)
  recorder.stop()
  const files = filesIn(root)
  expect(files.map((name) => name.slice(-4)).sort()).toEqual(['.hpd', '.hpm'])
  expect((await recorder.lines(root, NOTHING_ASIDE))?.all[0]?.function).toBe('make')
  const base = join(folder, 'kept-long')
  await recorder.keep(base)
  expect(statSync(`${base}.hpd`).size).toBeGreaterThan(1 << 20)
  recorder.start()
  make(1000)
  recorder.stop()
  await recorder.keep(base)
  expect(statSync(`${base}.hpd`).size).toBeLessThan(1 << 20)
  recorder.close()
  expect(filesIn(root)).toEqual([])
})

test('a long recording that cannot be written has no lines, not those of the one before', async () => {
  const root = join(folder, 'gone')
  const recorder = new FileRecorder(root, 16)
  recorder.start()
  make(300_000)
  recorder.stop()
  recorder.start()
  rmSync(root, { recursive: true })
  make(300_000)
  recorder.stop()
  expect(await recorder.lines(root, NOTHING_ASIDE)).toBeUndefined()
  await recorder.keep(join(folder, 'gone-too'))
  expect(existsSync(join(folder, 'gone-too.hpd'))).toBe(false)
  recorder.close()
})

test('what was recorded until the test records something itself is not lost', async () => {
  const recorder = new FileRecorder(folder, 4096)
  recorder.start()
  make(5000)
  start(join(folder, 'its-own'))
  make(5)
  stop()
  recorder.stop()
  expect(recorder.isWhole).toBe(false)
  expect((await recorder.lines(folder, NOTHING_ASIDE))?.all[0]?.function).toBe('make')
  expect(existsSync(join(folder, 'its-own.hpd'))).toBe(true)
  recorder.close()
})

test.each([
  ['in memory', 4096, 100_000],
  ['in files', 16, 300_000],
])(
  'what the sampler sums up is what the events of a recording %s come to',
  async (where, interval, count) => {
    const root = join(folder, 'summed', where)
    const recorder = new FileRecorder(root, interval)
    recorder.start()
    make(count) // 40 MB: V8 collects before
    holder.kept = Array.from({ length: 50 }, () => new ArrayBuffer(10_000))
    recorder.stop()
    expect(filesIn(root)).toHaveLength(where === 'in files' ? 2 : 0)
    const lines = await recorder.lines(root, NOTHING_ASIDE)
    const base = join(folder, `summed-${interval}`)
    await recorder.keep(base)
    const walked = linesOf(openRecording(findProfile(base)), root, mappersOf())
    expect(walked.sites.map(({ domain }) => domain)).toEqual(expect.arrayContaining(['heap', 'arrayBuffer']))
    expect(walked.sites[0]?.live).toBeLessThan((walked.sites[0]?.self as number) * 0.9)
    expect(rounded(lines)).toEqual(rounded(walked))
    recorder.close()
  },
)

/** The last digits depend on the order of the summands. */
function rounded(lines: Lines | undefined): unknown {
  const round = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(9)) : value
  return JSON.parse(JSON.stringify(lines, round))
}

test('a recording into which no sample fell has no lines, and its profile says so', async () => {
  // Two times 2 kB, of which one sample would be expected in a quarter of a million runs.
  const recorder = new FileRecorder(folder, 2 ** 30)
  for (const count of [5, 5]) {
    recorder.start()
    make(count)
    recorder.stop()
    expect(await recorder.lines(folder, NOTHING_ASIDE)).toEqual({ sites: [], all: [], error: 0 })
  }
  await recorder.keep(join(folder, 'empty'))
  const reader = read(join(folder, 'empty'))
  expect(reader.traceCount).toBe(0)
  expect(sites(reader)).toEqual({ sites: [], self: 0, samples: 0, error: 0 })
  reader.close()
  recorder.close()
})

const threads = () => readdirSync('/proc/self/task')

test.runIf(process.platform === 'linux')(
  'the threads of a recording stay for those to come, and go with the last',
  async () => {
    const recorder = new FileRecorder(folder, 16_384)
    const before = threads()
    const record = () => {
      recorder.start()
      recorder.stop()
      return threads().filter((thread) => !before.includes(thread))
    }
    const begun = record()
    expect(begun).not.toEqual([])
    expect(record()).toEqual(expect.arrayContaining(begun))
    recorder.close()
    await expect.poll(() => threads().filter((thread) => begun.includes(thread))).toEqual([])
  },
)
