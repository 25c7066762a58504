import { emptyTableToken, Function as PprofFunction, Profile, StringTable } from 'pprof-format'
import type { PlacedFrame, StackTree } from './stack-tree.js'
import type { Value } from './value.js'
import type { ProfileView } from './view.js'
import { WholeNumbers } from './whole.js'

// pprof's profile.proto, as `go tool pprof` reads it: samples name locations, locations are lines of functions, and all
// texts are in one table. A message may be cut at any field and the pieces written one after the other: repeated fields
// of the pieces add up. So a profile of any size is written in pieces, with the table of texts last.

/** Samples in one piece. */
const PIECE = 1024

const SAMPLE_TYPES: Record<Value, { readonly counts: string; readonly bytes: string }> = {
  allocated: { counts: 'alloc_objects', bytes: 'alloc_space' },
  live: { counts: 'inuse_objects', bytes: 'inuse_space' },
}

/** The greatest time in microseconds whose nanoseconds are a 64-bit number. */
const LATEST = 9e15

/**
 * A view as a pprof profile, in pieces that belong one behind the other; gzip is the caller's. `shown` is what tools show
 * when nothing else is asked for. Each of the four numbers keeps its total.
 */
export function* pprof(view: ProfileView, shown: Value): Generator<Uint8Array, void, undefined> {
  const texts = new StringTable()
  const values: Value[] = view.hasAllocated ? ['allocated', 'live'] : ['live']
  yield facts(view, values, shown, texts)
  yield* samples(view, values, texts)
  yield* locations(view.tree, texts)
  yield new Profile({ stringTable: texts }).encode()
}

function facts(view: ProfileView, values: readonly Value[], shown: Value, texts: StringTable): Uint8Array {
  const { startTime, time, samplingInterval } = view
  const type = (name: string, unit: string) => ({ type: texts.dedup(name), unit: texts.dedup(unit) })
  return piece({
    sampleType: values.flatMap((value) => [
      type(SAMPLE_TYPES[value].counts, 'count'),
      type(SAMPLE_TYPES[value].bytes, 'bytes'),
    ]),
    periodType: type('space', 'bytes'),
    period: Math.round(samplingInterval),
    timeNanos: nanoseconds(startTime * 1000),
    durationNanos: nanoseconds(time * 1e6),
    comment: comments(view).map((comment) => texts.dedup(comment)),
    defaultSampleType: texts.dedup(SAMPLE_TYPES[shown].bytes),
  })
}

function* samples(
  { tree, traces }: ProfileView,
  values: readonly Value[],
  texts: StringTable,
): Generator<Uint8Array, void, undefined> {
  const columns = values.map((value) => ({ value, counts: new WholeNumbers(), bytes: new WholeNumbers() }))
  const domainKey = texts.dedup('domain')
  const threadKey = texts.dedup('thread')
  for (let from = 0; from < traces.length; from += PIECE) {
    const sample = traces.slice(from, from + PIECE).map((trace) => ({
      locationId: tree.stack(trace.node).map(idOf),
      value: columns.flatMap(({ value, counts, bytes }) => [
        counts.next(trace[value].allocations),
        bytes.next(trace[value].bytes),
      ]),
      label: [
        { key: domainKey, str: texts.dedup(trace.domain) },
        { key: threadKey, str: texts.dedup(trace.thread) },
      ],
    }))
    yield piece({ sample })
  }
}

/** A location for each frame; frames of one function that start at the same line share the function. */
function* locations({ frames }: StackTree, texts: StringTable): Generator<Uint8Array, void, undefined> {
  const functions = new Map<string, number>()
  for (let from = 0; from < frames.length; from += PIECE) {
    const added: PprofFunction[] = []
    const location = frames.slice(from, from + PIECE).map((frame, index) => {
      const { file, line, column, start } = frame
      const key = `${start}:${file.length}:${file}:${frame.function}`
      let functionId = functions.get(key)
      if (functionId === undefined) {
        functionId = functions.size + 1
        functions.set(key, functionId)
        added.push(functionOf(functionId, frame, texts))
      }
      return { id: idOf(from + index), line: [{ functionId, line, column }] }
    })
    yield piece({ location, function: added })
  }
}

function functionOf(
  id: number,
  { function: name, file, start }: PlacedFrame,
  texts: StringTable,
): PprofFunction {
  const text = texts.dedup(name)
  return new PprofFunction({
    id,
    name: text,
    systemName: text,
    filename: texts.dedup(file),
    startLine: start,
  })
}

function comments({ headers, at, time, samplingInterval }: ProfileView): string[] {
  const interval = samplingInterval > 0 ? [`sampled every ${samplingInterval} bytes`] : []
  const when = [`live at ${at === 'end' ? 'the end' : at === 'peak' ? `the peak, ${time} s` : `${time} s`}`]
  const programs = headers.map(
    ({ pid, thread, node, platform, arch, command }) =>
      `pid ${pid}, thread ${thread}, Node ${node}, ${platform}-${arch}: ${command.join(' ')}`,
  )
  return ['recorded by heapproof', ...interval, ...when, ...programs.slice(0, 100)]
}

function nanoseconds(microseconds: number): bigint {
  return microseconds <= LATEST ? BigInt(Math.round(microseconds)) * 1000n : 0n
}

/** A part of a profile, without the table of texts, which is written once. */
function piece(data: ConstructorParameters<typeof Profile>[0]): Uint8Array {
  return new Profile({ ...data, stringTable: new StringTable(emptyTableToken) }).encode()
}

/** Ids count from 1. */
function idOf(index: number): number {
  return index + 1
}
