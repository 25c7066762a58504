import { writeFileSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'
import type { Frame } from '../types.js'
import type { SnapshotAttributes, SnapshotContent } from './content.js'
import { tooLong, tooMuch } from './dump-limits.js'

/** Version of the form below. */
export const DUMP_VERSION = 1

/**
 * Writes a snapshot as JSON, in the form that docs/tracemalloc.md describes: strings, frames and stacks in tables that
 * refer to each other by position, a row in each line, so that any tool can compare two dumps. Nobody but the owner may
 * read a new file.
 *
 * @throws HeapproofError `invalid-argument` when the attributes cannot be JSON, `cannot-write`.
 */
export function writeDump(path: string, content: SnapshotContent): void {
  const attributes = jsonOf(content.attributes ?? {})
  try {
    const bytes = Buffer.from(textOf(content, attributes))
    const problem = tooLong(bytes.length) ?? tooMuch(bytes)
    if (problem !== undefined) throw new RangeError(`it could not be loaded again: ${problem}`)
    writeFileSync(path, bytes, { mode: 0o600 })
  } catch (error) {
    throw new HeapproofError('cannot-write', `${path}: cannot be written: ${(error as Error).message}`)
  }
}

function textOf({ traces, time, sampling, tracebackLimit }: SnapshotContent, attributes: string): string {
  const strings = new Positions()
  const frames = new Positions()
  const known = new Map<Frame, number>()
  const positionOf = (frame: Frame): number => {
    let position = known.get(frame)
    if (position === undefined) {
      const { function: name, file, line, column, approximate } = frame
      const [nameAt, fileAt] = [strings.of(JSON.stringify(name)), strings.of(JSON.stringify(file))]
      position = frames.of(JSON.stringify([nameAt, fileAt, line, column, approximate]))
      known.set(frame, position)
    }
    return position
  }
  const rows = traces.map(({ trace, bytes, allocations, samples }) => {
    const { index, domain, truncated } = trace
    return JSON.stringify([
      index,
      domain,
      truncated,
      bytes,
      allocations,
      samples,
      trace.frames.map(positionOf),
    ])
  })
  const fields = [
    `"heapproof":"snapshot"`,
    `"version":${DUMP_VERSION}`,
    `"time":${JSON.stringify(time)}`,
    `"sampling":${JSON.stringify(sampling)}`,
    `"tracebackLimit":${JSON.stringify(tracebackLimit)}`,
    `"attributes":${attributes}`,
    `"strings":${table(strings.rows())}`,
    `"frames":${table(frames.rows())}`,
    `"traces":${table(rows)}`,
  ]
  return `{\n${fields.join(',\n')}\n}\n`
}

function table(rows: readonly string[]): string {
  return rows.length === 0 ? '[]' : `[\n${rows.join(',\n')}\n]`
}

function jsonOf(attributes: SnapshotAttributes): string {
  let text: string | undefined
  try {
    text = JSON.stringify(attributes)
  } catch {
    // too deep, with a circle, or with a BigInt in it
  }
  if (text?.startsWith('{')) return text
  throw new HeapproofError(
    'invalid-argument',
    `dump: attributes must be an object that JSON can hold, received ${show(attributes)}`,
  )
}

/** Gives each text a number, in the order in which they come. */
class Positions {
  readonly #positions = new Map<string, number>()

  of(text: string): number {
    const known = this.#positions.get(text)
    if (known !== undefined) return known
    this.#positions.set(text, this.#positions.size)
    return this.#positions.size - 1
  }

  rows(): string[] {
    return [...this.#positions.keys()]
  }
}
