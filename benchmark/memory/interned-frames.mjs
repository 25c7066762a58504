import { getSamplerMemory, read, start, stop } from './library.mjs'

/**
 * Records an object from each of 2 to the power of `depth` stacks, which fork at every call, and says how many frames are in the
 * tree of all stacks, and how many bytes of memory came with them. Frames that stacks have in common are there once.
 */
export function internedFrames(base, depth) {
  // Into files: else the description of all stacks is in memory, too.
  start(base, { samplingInterval: 1, domains: ['heap'] })
  for (let stack = 0; stack < 1000; stack++) forked(1, stack)
  globalThis.gc()
  const before = getSamplerMemory()
  for (let stack = 0; stack < 2 ** depth; stack++) {
    forked(depth, stack)
    if (stack % 1000 === 0) globalThis.gc() // so that no samples are alive
  }
  globalThis.gc()
  const bytes = getSamplerMemory() - before
  stop()
  return { frames: framesIn(base), bytes }
}

function forked(depth, stack) {
  if (depth === 0) return { stack }
  if (stack % 2 === 0) return forked(depth - 1, stack >> 1)
  return forked(depth - 1, stack >> 1)
}

/** Nodes of the tree that all stacks make together. */
function framesIn(base) {
  const reader = read(base)
  const numbers = new Map()
  const numberOf = (map, key) => {
    const known = map.get(key) ?? map.size + 1
    map.set(key, known)
    return known
  }
  const nodes = new Map()
  for (let index = 1; index <= reader.traceCount; index++) {
    let node = 0
    for (const frame of reader.trace(index).frames.toReversed())
      node = numberOf(nodes, node * 2 ** 20 + numberOf(numbers, frame))
  }
  reader.close()
  return nodes.size
}
