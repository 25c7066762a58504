import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { read } from '../../src/core/reader.js'
import { sites } from '../../src/core/reduce/sites.js'
import type { Site } from '../../src/core/types.js'

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures')
const source = join(fixtures, 'kinds.cjs')

/** The line each kind allocates on, from the marks in a fixture. */
function marksOf(file: string): ReadonlyMap<string, number> {
  const texts = readFileSync(file, 'utf8').split('\n')
  const marks = texts.map((text, index) => [/ \/\/ @(\w+)$/.exec(text)?.[1] ?? '', index + 1] as const)
  return new Map(marks.filter(([kind]) => kind !== ''))
}
const lines = marksOf(source)

/** Bytes that one call allocates, where V8's object layouts settle it (64-bit, no pointer compression). */
const BYTES_PER_CALL: Record<string, number> = {
  objectLiteral: 88, // map, properties, elements, 8 fields
  slice: 32, // parent and offset
  buffer: 20_000,
  typedArray: 20_000,
}

/** Once V8 has optimised the allocation away there is nothing to attribute. */
const REMOVED_WHEN_HOT = new Set(['numberBox'])

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true })
})

/**
 * What V8 compiles while it records is memory too, charged to whoever ran at that moment: kept out where it is not asked for.
 * Marking in steps makes the exact counter jump (native/v8/heap_counter.h), and sites are scaled to that.
 */
const FLAGS = {
  cold: ['--no-sparkplug', '--no-maglev', '--no-opt', '--no-incremental-marking'],
  warm: ['--no-opt', '--no-incremental-marking'],
  hot: ['--no-incremental-marking'],
} as const

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'heapproof-attribution-'))
  directories.push(directory)
  return directory
}

async function record(state: 'cold' | 'warm' | 'hot'): Promise<string> {
  const directory = newDirectory()
  await promisify(execFile)(process.execPath, [
    ...FLAGS[state],
    join(fixtures, 'record-kinds.cjs'),
    packageRoot(),
    directory,
    state,
  ])
  return directory
}

function sitesOf(fileBase: string): readonly Site[] {
  const reader = read(fileBase)
  try {
    return sites(reader).sites
  } finally {
    reader.close()
  }
}

/** The bytes of all samples with this line on their stack, with their weights: as sampled, not scaled to any counter. */
function sampledAt(fileBase: string, kind: string): number {
  const reader = read(fileBase)
  const isThere = new Map<number, boolean>()
  const at = (index: number) =>
    reader.trace(index).frames.some((frame) => frame.file === source && frame.line === lines.get(kind))
  try {
    let bytes = 0
    for (const event of reader.events()) {
      if (event.kind !== 'alloc') continue
      if (!isThere.has(event.trace)) isThere.set(event.trace, at(event.trace))
      if (isThere.get(event.trace)) bytes += event.size * event.scale
    }
    return bytes
  } finally {
    reader.close()
  }
}

const sum = (list: readonly Site[]) => list.reduce((bytes, site) => bytes + site.self, 0)
const isAt = (kind: string) => (site: Site) => site.file === source && site.line === lines.get(kind)

test('the fixture has at least fifteen kinds', () => {
  expect(lines.size).toBeGreaterThanOrEqual(15)
})

describe('cold, in the interpreter', async () => {
  const directory = await record('cold')
  test.each([...lines.keys()])('%s', (kind) => {
    const found = sitesOf(join(directory, kind))
    const calls = 50
    const right = sum(found.filter(isAt(kind)))
    // What is left on other lines of the file is made once, not per call: feedback, caches, shapes of objects.
    const wrong = sum(found.filter((site) => site.file === source && !isAt(kind)(site)))
    // Less than fifty objects of 16 bytes; those of a class have 32 and more.
    expect(wrong).toBeLessThan(kind === 'classInstance' ? 1_500 : 750)
    // Sixteen bytes is the smallest object; one call may find what it needs made already.
    expect(right).toBeGreaterThanOrEqual(kind.endsWith('Growth') ? 1_000 : (calls - 1) * 16)
    const bytes = BYTES_PER_CALL[kind]
    // The first call of a literal makes its shape and a model of it besides; a Buffer has an object on the heap.
    if (bytes !== undefined) expect(right).toBeGreaterThan(calls * bytes * 0.98)
    if (bytes !== undefined) expect(right).toBeLessThan(calls * bytes * 1.05 + 3_000)
  })
})

describe('warm, compiled before heapproof was loaded', async () => {
  const directory = await record('warm')
  test.each([...lines.keys()])('%s', (kind) => {
    const found = sitesOf(join(directory, kind))
    const wrong = sum(found.filter((site) => !isAt(kind)(site)))
    // A sixteen byte object on a wrong line would make 32,000 bytes.
    expect(wrong).toBeLessThan(Math.max(20_000, 0.02 * sum(found)))
    expect(sum(found.filter(isAt(kind)))).toBeGreaterThan(kind.endsWith('Growth') ? 10_000 : 2000 * 15)
  })
})

describe('hot, optimised and inlined', async () => {
  const directory = await record('hot')
  test.each([...lines.keys()])('%s', (kind) => {
    const found = sitesOf(join(directory, kind))
    const calls = 20_000
    const right = sum(found.filter(isAt(kind)))
    if (REMOVED_WHEN_HOT.has(kind)) return expect(sum(found) - right).toBeLessThan(calls)
    // What V8 compiles meanwhile is charged to whoever runs.
    expect(right / sum(found)).toBeGreaterThan(0.95)
    const bytes = BYTES_PER_CALL[kind]
    // 64 bytes between samples: at 88 bytes an object the estimate has a standard error below 1 %; six of them.
    // Sites are scaled to the exact counter, which a full collection makes jump (native/v8/heap_counter.h).
    const estimate = sampledAt(join(directory, kind), kind)
    if (bytes !== undefined) expect(Math.abs(estimate / (calls * bytes) - 1)).toBeLessThan(0.06)
  })
})

// V8's tables have one position for all of them, that of the first.
test.runIf(process.arch === 'x64')(
  'objects that optimised code allocates at once are shared out among their lines',
  async () => {
    const base = join(newDirectory(), 'group')
    const fixture = join(fixtures, 'group.cjs')
    await promisify(execFile)(process.execPath, [...FLAGS.hot, fixture, packageRoot(), base])
    const found = sitesOf(base)
    const total = sum(found)
    const shares = [...marksOf(fixture)].map(([kind, line]) => {
      const there = found.filter((site) => site.file === fixture && site.line === line)
      return [kind, sum(there) / total] as const
    })
    // Map, properties and elements, and each field; a list has a length, and its elements a map and a length of their own.
    const bytes: Record<string, number> = { small: 32, large: 88, list: 32 + 40 }
    // 20,000 calls of 192 bytes are 60,000 samples: six standard errors of a share, sqrt(p (1 - p) / 60,000), are 0.012.
    for (const [kind, share] of shares)
      expect(Math.abs(share - (bytes[kind] ?? 0) / 192), kind).toBeLessThan(0.02)
  },
)
