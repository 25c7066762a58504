import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import type { AskedSampling } from '../format/header.js'
import type { SizeRange } from '../format/sampling.js'
import { DOMAINS, type Frame } from '../types.js'
import type { SnapshotContent, SnapshotTrace } from './content.js'
import { DUMP_VERSION } from './dump.js'
import { tooLong, tooMuch } from './dump-limits.js'
import { JsonValue } from './json-value.js'

/** What every dump begins with, also one that was cut. */
const BEGINNING = /^\s*\{\s*"heapproof"\s*:\s*"snapshot"/

/**
 * Reads what `writeDump` wrote. Whatever is in a file, it takes less than a gigabyte and some seconds.
 *
 * @throws HeapproofError `cannot-read`, `not-a-snapshot`, `unsupported-version`, `damaged-snapshot`.
 */
export function readDump(path: string): SnapshotContent {
  const root = new JsonValue(parse(path, readBytes(path)), path)
  if (!root.isObject() || root.field('heapproof').value !== 'snapshot') throw notASnapshot(path)
  const version = root.field('version').integer()
  if (version !== DUMP_VERSION) {
    throw new HeapproofError(
      'unsupported-version',
      `${path}: version ${version} of the snapshot format; this heapproof reads version ${DUMP_VERSION}`,
    )
  }
  const strings = root.field('strings').items((item) => item.string())
  const frames = root.field('frames').items((row) => frameOf(row, strings))
  return {
    traces: root.field('traces').items((row) => traceOf(row, frames)),
    time: root.field('time').number(),
    sampling: samplingOf(root.field('sampling')),
    tracebackLimit: root.field('tracebackLimit').integer(),
    attributes: root.field('attributes').object(),
  }
}

function frameOf(row: JsonValue, strings: readonly string[]): Frame {
  const [name, file, line, column, approximate] = row.row(5)
  return Object.freeze({
    function: name.entryOf(strings),
    file: file.entryOf(strings),
    line: line.integer(),
    column: column.integer(),
    approximate: approximate.boolean(),
  })
}

function traceOf(row: JsonValue, frames: readonly Frame[]): SnapshotTrace {
  const [index, domain, truncated, bytes, allocations, samples, stack] = row.row(7)
  return {
    trace: Object.freeze({
      index: index.integer(),
      domain: domain.oneOf(DOMAINS),
      frames: Object.freeze(stack.items((item) => item.entryOf(frames))),
      truncated: truncated.boolean(),
    }),
    bytes: bytes.estimate(),
    allocations: allocations.estimate(),
    samples: samples.integer(),
  }
}

function samplingOf(value: JsonValue): AskedSampling {
  if (value.field('table').value === undefined) return { interval: value.field('interval').estimate() }
  const table = value.field('table').items((row): SizeRange => {
    const [bound, probability] = row.row(2)
    return [bound.estimate(), probability.estimate()]
  })
  return { table }
}

function readBytes(path: string): Buffer {
  try {
    const stat = statSync(path) // before opening: opening a named pipe would wait for a writer for ever
    if (!stat.isFile()) throw notASnapshot(path)
    const problem = tooLong(stat.size)
    if (problem !== undefined) throw notASnapshot(path, problem)
    return readFileSync(path)
  } catch (error) {
    if (error instanceof HeapproofError) throw error
    throw new HeapproofError('cannot-read', `${path}: cannot be read: ${(error as Error).message}`)
  }
}

function parse(path: string, bytes: Buffer): unknown {
  const problem = tooMuch(bytes)
  if (problem !== undefined) throw notASnapshot(path, problem)
  const text = bytes.toString('utf8')
  try {
    if (!isUtf8(bytes)) throw new SyntaxError('bytes that are no UTF-8')
    return JSON.parse(text)
  } catch (error) {
    if (!BEGINNING.test(text)) throw notASnapshot(path)
    throw new HeapproofError('damaged-snapshot', `${path}: not JSON to its end: ${(error as Error).message}`)
  }
}

function notASnapshot(path: string, found = 'something else'): HeapproofError {
  return new HeapproofError(
    'not-a-snapshot',
    `${path}: expected a file that snapshot.dump() wrote, found ${found}`,
  )
}
