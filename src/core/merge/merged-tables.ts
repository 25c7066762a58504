import {
  encodeFrame,
  encodeFunction,
  encodeMapped,
  encodeNode,
  encodeScript,
  encodeTrace,
  type Tables,
} from '../format/hpm.js'
import { stackKey } from '../format/stack-keys.js'
import { DOMAINS, type Domain } from '../types.js'

/** Gives each of the different records of one kind a number, in the order they are first met, from 1. */
class Numbered<K> {
  readonly #numbers = new Map<K, number>()

  /** `write` is called with the number of a record that is new. */
  of(key: K, write: (number: number) => void): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#numbers.size + 1
    this.#numbers.set(key, number)
    write(number)
    return number
  }
}

/**
 * The tables of several recordings as one: equal stacks are one trace. Writes each record once, as soon as it is met,
 * and keeps what it takes to know it again.
 *
 * A frame that was mapped to its source is another one than the same frame that was not: two builds of a script have the
 * same name and lines, and come from different places.
 */
export class MergedTables {
  readonly #write: (record: Uint8Array) => void
  readonly #scripts = new Numbered<string>()
  readonly #functions = new Numbered<string>()
  readonly #frames = new Numbered<string>()
  readonly #nodes = new Numbered<number>()
  readonly #traces = new Numbered<number>()

  constructor(write: (record: Uint8Array) => void) {
    this.#write = write
  }

  /** Adds the tables of a recording. Answers the merged trace for each of its traces. */
  add(tables: Tables): Uint32Array {
    const scripts = tables.scripts.map((_, index) => (index === 0 ? 0 : this.#script(tables, index)))
    const functions = tables.functions.map((_, index) =>
      index === 0 ? 0 : this.#function(tables, index, scripts),
    )
    const frames = tables.frames.map((_, index) => (index === 0 ? 0 : this.#frame(tables, index, functions)))
    const nodes = new Uint32Array(tables.nodeParents.length)
    for (let index = 1; index < nodes.length; index++) {
      const parent = nodes[tables.nodeParents[index] as number] as number
      const frame = frames[tables.nodeFrames[index] as number] as number
      nodes[index] = this.#nodes.of(stackKey(parent, frame), () => this.#write(encodeNode(parent, frame)))
    }
    return Uint32Array.from(tables.traceNodes, (node, index) =>
      index === 0 ? 0 : this.#trace(tables, index, nodes[node] as number),
    )
  }

  #script({ scripts }: Tables, index: number): number {
    const script = scripts[index] as Tables['scripts'][number]
    const key = `${script.url.length}:${script.url}${script.sourceMapUrl}`
    return this.#scripts.of(key, () => this.#write(encodeScript(script)))
  }

  #function({ functions }: Tables, index: number, scripts: readonly number[]): number {
    const { script: old, line, column, name } = functions[index] as Tables['functions'][number]
    const script = scripts[old] as number
    const key = `${script}:${line}:${column}:${name}`
    return this.#functions.of(key, () => this.#write(encodeFunction({ script, line, column, name })))
  }

  #frame({ frames, mapped: all }: Tables, index: number, functions: readonly number[]): number {
    const { function: old, line, column, approximate } = frames[index] as Tables['frames'][number]
    const owner = functions[old] as number
    const mapped = all.get(index)
    const place = mapped === undefined ? '' : JSON.stringify(mapped)
    return this.#frames.of(`${owner}:${line}:${column}:${approximate}:${place}`, (number) => {
      this.#write(encodeFrame({ function: owner, line, column, approximate }))
      if (mapped !== undefined) this.#write(encodeMapped(number, mapped))
    })
  }

  #trace({ traceDomains, traceTruncated }: Tables, index: number, node: number): number {
    const domain = traceDomains[index] as number
    const truncated = traceTruncated[index] as boolean
    const key = node * 8 + domain * 2 + Number(truncated)
    return this.#traces.of(key, () => this.#write(encodeTrace(DOMAINS[domain] as Domain, node, truncated)))
  }
}
