import { chunksOf, jsonText, listed } from './chunks.js'
import type { ProfileView } from './view.js'
import type { Amount } from './view-traces.js'
import { WholeNumbers } from './whole.js'

/** Of the JSON, not of heapproof. */
const VERSION = 1

/** A view as one JSON object, in chunks; docs/export.md says what its fields are. */
export function json(view: ProfileView): Iterable<string> {
  return chunksOf(parts(view))
}

function* parts(view: ProfileView): Generator<string, void, undefined> {
  const { tree, hasAllocated, time, startTime, samplingInterval, headers } = view
  const facts = { version: VERSION, startTime, time, samplingInterval, headers }
  yield `${jsonText(facts).slice(0, -1)},\n"frames":[\n`
  yield* listed(frames(tree.frames))
  yield '],\n"traces":[\n'
  yield* listed(traces(view, hasAllocated))
  yield ']}\n'
}

function* frames(list: ProfileView['tree']['frames']): Generator<string, void, undefined> {
  for (const { function: name, file, line, column, approximate } of list) {
    yield `${jsonText({ function: name, file, line, column, approximate })}\n`
  }
}

function* traces(
  { tree, traces: list }: ProfileView,
  hasAllocated: boolean,
): Generator<string, void, undefined> {
  const allocatedIn = amounts()
  const liveIn = amounts()
  for (const { node, domain, thread, truncated, allocated, live } of list) {
    const entry = {
      domain,
      thread,
      truncated,
      ...(hasAllocated && { allocated: allocatedIn(allocated) }),
      live: liveIn(live),
      frames: node === 0 ? [] : tree.stack(node),
    }
    yield `${jsonText(entry)}\n`
  }
}

/** Whole numbers; bytes and allocations each keep their own total. */
function amounts(): (amount: Amount) => Amount {
  const wholeBytes = new WholeNumbers()
  const wholeAllocations = new WholeNumbers()
  return ({ bytes, allocations }) => ({
    bytes: wholeBytes.next(bytes),
    allocations: wholeAllocations.next(allocations),
  })
}
