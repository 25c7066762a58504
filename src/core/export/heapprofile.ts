import { chunksOf, jsonText } from './chunks.js'
import type { PlacedFrame, StackTree } from './stack-tree.js'
import type { Value } from './value.js'
import type { ProfileView } from './view.js'
import { WholeNumbers } from './whole.js'

// What Chrome DevTools and `node --heap-prof` write for V8's own sampling profiler, HeapProfiler.SamplingHeapProfile of
// the inspector protocol: a tree of calls inside each other, and a list of samples.
//
//    {"head": {"callFrame": {"functionName": "(root)", ...}, "selfSize": 0, "id": 1, "children": [...]},
//     "samples": [{"size": 4096, "nodeId": 7, "ordinal": 1}]}
//
// Lines and columns count from 0, and -1 is unknown. There V8 gives the line of the function; here it is the line that
// allocated or called.

const ROOT = 0

/** A view as a .heapprofile, in chunks. Sizes are whole bytes; there is one sample for each node that has any. */
export function heapprofile(view: ProfileView, value: Value = 'live'): Iterable<string> {
  return chunksOf(parts(view, value))
}

function* parts(view: ProfileView, value: Value): Generator<string, void, undefined> {
  const sizes = selfSizes(view, value)
  yield '{"head":'
  yield* nodes(view, sizes)
  yield ',\n"samples":['
  let ordinal = 0
  for (const [node, size] of sizes) {
    if (size === 0) continue
    ordinal++
    yield `${ordinal > 1 ? ',' : ''}{"size":${size},"nodeId":${idOf(node)},"ordinal":${ordinal}}`
  }
  yield ']}\n'
}

/** By node. A stack that is not known is charged to the root. */
function selfSizes({ traces }: ProfileView, value: Value): Map<number, number> {
  const bytes = new Map<number, number>()
  for (const trace of traces) bytes.set(trace.node, (bytes.get(trace.node) ?? 0) + trace[value].bytes)
  const whole = new WholeNumbers()
  for (const [node, size] of bytes) bytes.set(node, whole.next(size))
  return bytes
}

/** The nodes on the way to one with bytes, each inside its caller. Trees can be deep: nothing here calls itself. */
function* nodes({ tree }: ProfileView, sizes: Map<number, number>): Generator<string, void, undefined> {
  const { firstChild, nextSibling } = childrenOf(tree, sizes)
  const scripts = new Map<string, number>()
  let node = ROOT
  for (;;) {
    yield opened(tree, node, sizes.get(node) ?? 0, scripts)
    if (firstChild[node] !== ROOT) {
      node = firstChild[node] as number
      continue
    }
    for (;;) {
      yield ']}'
      if (node === ROOT) return
      if (nextSibling[node] !== ROOT) break
      node = tree.parents[node] as number
    }
    yield ',\n'
    node = nextSibling[node] as number
  }
}

/** Lists of children, linked; the end of a list is the root, which is nobody's child. Nodes without bytes are left out. */
function childrenOf({ parents }: StackTree, sizes: Map<number, number>) {
  const firstChild = new Uint32Array(parents.length)
  const nextSibling = new Uint32Array(parents.length)
  const wanted = new Uint8Array(parents.length)
  // From the last node to the first: callees come before their callers, so all is known of a node when it is met.
  for (let node = parents.length - 1; node > ROOT; node--) {
    if (wanted[node] === 0 && (sizes.get(node) ?? 0) === 0) continue
    const parent = parents[node] as number
    wanted[parent] = 1
    nextSibling[node] = firstChild[parent] as number
    firstChild[parent] = node
  }
  return { firstChild, nextSibling }
}

/** A node up to its children. */
function opened(
  { frames, nodeFrames }: StackTree,
  node: number,
  selfSize: number,
  scripts: Map<string, number>,
): string {
  const { function: name, file, line, column } = frames[nodeFrames[node] as number] as PlacedFrame
  if (!scripts.has(file)) scripts.set(file, scripts.size)
  const callFrame = {
    functionName: node === ROOT ? '(root)' : name === '(anonymous)' ? '' : name,
    scriptId: String(scripts.get(file)),
    url: file,
    lineNumber: line - 1,
    columnNumber: column - 1,
  }
  return `{"callFrame":${jsonText(callFrame)},"selfSize":${selfSize},"id":${idOf(node)},"children":[`
}

function idOf(node: number): number {
  return node + 1
}
