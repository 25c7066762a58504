import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { expect, test } from 'vitest'
import type { DigestProgress } from '../../../src/core/digest/steps.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { folderWith, node, withFilesUpTo } from '../../support/command-line.js'
import { LogBuilder } from '../../support/log-builder.js'

/** So many events, 10 microseconds apart, over 50 traces. */
function write(base: string, events: number, session?: Uint8Array): string {
  const log = new LogBuilder(undefined, session)
  const traces = Array.from({ length: 50 }, (_, index) => log.trace([{ line: index + 1 }]))
  for (let index = 0; index < events; index++) {
    log.events.alloc(index * 10, traces[index % 50] as number, 48)
    if (index % 10_000 === 9999) log.blockHpd()
  }
  return log.write(base)
}

function filesBeside(base: string): string[] {
  return readdirSync(dirname(base))
    .filter((name) => name !== basename(base))
    .sort()
}

const last = (reader: Reader) => reader.snapshots().at(-1)

test('a digest is found by the next reader, and saves it the walk', async () => {
  const base = write(`${folderWith()}/log`, 30_000)
  {
    using reader = read(base)
    await reader.makeDigest({ interval: 0.05 })
  }
  expect(filesBeside(base)).toEqual(['log.hpc', 'log.hpd', 'log.hpm'])
  using reader = read(base)
  reader.cursor = () => expect.unreachable('no walk is needed')
  expect(reader.hasDigest).toBe(true)
  expect(reader.snapshotInterval).toBe(0.05)
  expect(reader.duration).toBe(0.29999)
  expect(reader.snapshotAt(0.1).total).toBe(10_001 * 48)
})

test('a progress says how far it is, and ends near the end', async () => {
  using reader = read(write(`${folderWith()}/log`, 200_000))
  const seen: number[][] = []
  const onProgress = ({ events, time, bytes, totalBytes }: DigestProgress) =>
    seen.push([events, time, bytes, totalBytes])
  await reader.makeDigest({ interval: 0.05, onProgress })
  const { size } = statSync(`${reader.fileBase}.hpd`)
  expect(seen.map(([events]) => events)).toEqual([65_536, 131_072, 196_608])
  expect(seen[2]?.[1]).toBe(1.96607)
  expect(seen.every(([, , bytes = 0, total]) => bytes > 0 && bytes <= size && total === size)).toBe(true)
  // Another walk comes before it when the duration has to be found.
  rmSync(`${reader.fileBase}.hpc`)
  seen.length = 0
  using other = read(reader.fileBase)
  await other.makeDigest({ onProgress })
  const parts = seen.map(([, , bytes = 0, total = 0]) => bytes / total)
  expect(parts.length).toBe(6)
  expect(parts).toEqual([...parts].sort((a, b) => a - b))
  expect(parts[2]).toBeLessThanOrEqual(0.5)
  expect(parts[3]).toBeGreaterThan(0.5)
})

test('ended by its signal, a digest goes as far as it came', async () => {
  const base = write(`${folderWith()}/log`, 200_000)
  using reader = read(base)
  const controller = new AbortController()
  const making = reader.makeDigest({
    interval: 0.1,
    signal: controller.signal,
    onProgress: ({ events }) => events > 100_000 && controller.abort(new Error('enough')),
  })
  await expect(making).rejects.toThrow('enough')
  expect(filesBeside(base)).toEqual(['log.hpc', 'log.hpd', 'log.hpm'])
  using later = read(base)
  expect(later.hasDigest).toBe(true)
  const snapshots = later.snapshots()
  expect(snapshots.complete).toBe(false)
  expect(snapshots.times.at(-1)).toBe(1.3)
  expect(snapshots.at(-1)?.total).toBe(130_001 * 48)
  // What it does not have is made in memory.
  expect(later.snapshotAt(2).total).toBe(200_000 * 48)
  expect(later.duration).toBe(1.99999)
  expect(later.usageByDomain().times.at(-1)).toBe(1.99999)
})

test('a signal that was given before leaves everything as it is', async () => {
  using reader = read(write(`${folderWith()}/log`, 10))
  await expect(reader.makeDigest({ signal: AbortSignal.abort() })).rejects.toThrow('abort')
  expect(reader.hasDigest).toBe(false)
})

test('while a digest is made, others get their turns and see the old one', async () => {
  const base = write(`${folderWith()}/log`, 300_000)
  using reader = read(base)
  await reader.makeDigest({ interval: 1 })
  let turns = 0
  const timer = setInterval(() => {
    turns++
    using other = read(base)
    expect(other.snapshotInterval).toBe(1)
  })
  await reader.makeDigest({ interval: 0.001 }).finally(() => clearInterval(timer))
  expect(turns).toBeGreaterThan(0)
  expect(reader.snapshotInterval).toBe(0.001)
})

test('two digests that are made at once do not disturb each other', async () => {
  const base = write(`${folderWith()}/log`, 200_000)
  using one = read(base)
  using other = read(base)
  await Promise.all([one.makeDigest({ interval: 0.01 }), other.makeDigest({ interval: 0.02 })])
  expect(filesBeside(base)).toEqual(['log.hpc', 'log.hpd', 'log.hpm'])
  using later = read(base)
  expect([0.01, 0.02]).toContain(later.snapshotInterval)
  expect(last(later)?.total).toBe(200_000 * 48)
})

test('a recording that was made anew has no digest, nor has one that has grown', async () => {
  const base = write(`${folderWith()}/log`, 1000)
  {
    using reader = read(base)
    await reader.makeDigest()
  }
  write(base, 1000, new Uint8Array(16).fill(9))
  {
    using reader = read(base)
    expect(reader.hasDigest).toBe(false)
    await reader.makeDigest()
    expect(reader.hasDigest).toBe(true)
  }
  write(base, 2000, new Uint8Array(16).fill(9))
  using reader = read(base)
  expect(reader.hasDigest).toBe(false)
  expect(last(reader)?.total).toBe(2000 * 48)
})

test('a recording is digested while it is written', async () => {
  const folder = folderWith()
  const whole = write(`${folder}/whole`, 30_000)
  const base = `${folder}/growing`
  copyFileSync(`${whole}.hpm`, `${base}.hpm`)
  const bytes = readFileSync(`${whole}.hpd`)
  const half = Math.floor(bytes.length / 2)
  writeFileSync(`${base}.hpd`, bytes.subarray(0, half))
  {
    using reader = read(base)
    appendFileSync(`${base}.hpd`, bytes.subarray(half))
    await reader.makeDigest()
    expect(reader.hasDigest).toBe(true)
    expect(last(reader)?.total).toBe(10_000 * 48) // the whole blocks of the half
  }
  using reader = read(base)
  expect(reader.hasDigest).toBe(false)
  expect(last(reader)?.total).toBe(30_000 * 48)
})

test('a digest that was cut is none, and is made again', async () => {
  const base = write(`${folderWith()}/log`, 1000)
  using reader = read(base)
  await reader.makeDigest()
  truncateSync(`${base}.hpc`, statSync(`${base}.hpc`).size - 5)
  using later = read(base)
  expect(later.hasDigest).toBe(false)
  expect(last(later)?.total).toBe(48_000)
  await later.makeDigest()
  expect(later.hasDigest).toBe(true)
})

test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
  'in a folder that cannot be written to, reading works and making a digest is refused',
  async () => {
    const base = write(`${folderWith()}/log`, 1000)
    chmodSync(dirname(base), 0o500)
    using reader = read(base)
    await expect(reader.makeDigest()).rejects.toMatchObject({ code: 'cannot-write' })
    expect(last(reader)?.total).toBe(48_000)
    chmodSync(dirname(base), 0o700)
  },
)

test('where no file can be made, reading works all the same', async () => {
  const base = write(`${folderWith()}/log`, 1000)
  mkdirSync(`${base}.hpc`)
  using reader = read(base)
  await expect(reader.makeDigest()).rejects.toMatchObject({ code: 'cannot-write' })
  expect(reader.hasDigest).toBe(false)
  expect(last(reader)?.total).toBe(48_000)
  rmSync(dirname(base), { recursive: true })
  await expect(reader.makeDigest()).rejects.toMatchObject({ code: 'cannot-write' })
  expect(last(reader)?.total).toBe(48_000)
})

test('reading writes nothing', () => {
  const base = write(`${folderWith()}/log`, 1000)
  using reader = read(base)
  reader.snapshotAt(0.005)
  reader.peak()
  reader.usage()
  expect(filesBeside(base)).toEqual(['log.hpd', 'log.hpm'])
})

test('a file of somebody else stays', async () => {
  const base = write(`${folderWith()}/log`, 1000)
  writeFileSync(`${base}.hpc`, Uint8Array.of(0, 0, 0, 1, 9, 9, 9, 9))
  using reader = read(base)
  expect(reader.hasDigest).toBe(false)
  await expect(reader.makeDigest()).rejects.toMatchObject({
    code: 'cannot-write',
    message: `${base}.hpc: is no digest of heapproof, and is not replaced: move it away first`,
  })
  expect(readFileSync(`${base}.hpc`).length).toBe(8)
  expect(last(reader)?.total).toBe(48_000)
})

test.each([
  [{ interval: 0.0009 }, 'makeDigest: interval must be a number of seconds from 0.001, received 0.0009'],
  [{ interval: Number.NaN }, 'makeDigest: interval must be a number of seconds from 0.001, received NaN'],
  [{ interval: '1s' as never }, 'makeDigest: interval must be a number of seconds from 0.001, received "1s"'],
  [{ precision: 1 }, 'makeDigest: precision must be from 0 to less than 1, received 1'],
  [{ precision: -0.1 }, 'makeDigest: precision must be from 0 to less than 1, received -0.1'],
  [{ intervall: 1 } as never, 'makeDigest: unknown option "intervall"; did you mean "interval"?'],
])('%j is refused', async (options, message) => {
  using reader = read(write(`${folderWith()}/log`, 10))
  await expect(reader.makeDigest(options)).rejects.toMatchObject({ code: 'invalid-argument', message })
})

test('an interval that makes too many snapshots is refused, with one that does not', async () => {
  const log = new LogBuilder()
  log.events.alloc(0, 0, 8).alloc(600_000_000, 0, 8)
  using reader = read(log.write(`${folderWith()}/log`))
  await expect(reader.makeDigest({ interval: 0.005 })).rejects.toMatchObject({
    code: 'invalid-argument',
    message:
      'makeDigest: an interval of 0.005 s makes 120000 snapshots of a recording of 600 s, expected at most 100000: ' +
      'take 0.006 s or more',
  })
  expect(filesBeside(reader.fileBase)).toEqual(['log.hpd', 'log.hpm'])
  await reader.makeDigest({ interval: 0.006 })
  expect(reader.snapshots().length).toBe(100_001)
  expect(reader.snapshots().at(99_999)?.total).toBe(8)
})

test('a full disk is told, and leaves no digest', () => {
  const base = write(`${folderWith()}/log`, 60_000)
  const script = `
    const { read } = require(${JSON.stringify(`${process.cwd()}/dist/index.cjs`)})
    process.on('SIGXFSZ', () => {})
    read(${JSON.stringify(base)}).makeDigest({ interval: 0.001 }).then(console.log, (error) => console.log(error.code))`
  const { stdout } = withFilesUpTo(20_480, ['-e', script], { cwd: dirname(base) })
  expect(stdout).toBe('cannot-write\n')
  expect(filesBeside(base)).toEqual(['log.hpd', 'log.hpm'])
})

test('a process that is killed leaves no digest', () => {
  const base = write(`${folderWith()}/log`, 200_000)
  const script = `
    const { read } = require(${JSON.stringify(`${process.cwd()}/dist/index.cjs`)})
    const onProgress = () => process.kill(process.pid, 'SIGKILL')
    read(${JSON.stringify(base)}).makeDigest({ interval: 0.001, onProgress })`
  expect(node(['-e', script], { cwd: dirname(base) }).signal).toBe('SIGKILL')
  expect(existsSync(`${base}.hpc`)).toBe(false)
  using reader = read(base)
  expect(reader.hasDigest).toBe(false)
  expect(last(reader)?.total).toBe(200_000 * 48)
})
