import type { SnapshotAttributes } from '../../../src/core/tracemalloc/content.js'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import type { Domain, Frame } from '../../../src/core/types.js'

/** A trace as a test writes it: `[10, 3, 'cache.ts:2 main.ts:4']` is 3 allocations of together 10 bytes, leaf first. */
export type TraceSpec = readonly [bytes: number, allocations: number, stack: string, domain?: Domain]

/** A frame: `cache.ts:2`, `cache.ts:2:9` or `set@cache.ts:2`; `@` alone is a built-in function. */
export function frame(text: string): Frame {
  const [, name = '', file = '', line = '0', column = '0'] =
    /^(?:(.*)@)?([^:]*(?::\D[^:]*)?)(?::(\d+))?(?::(\d+))?$/.exec(text) ?? []
  return { function: name, file, line: Number(line), column: Number(column), approximate: false }
}

/** A snapshot of a program in which every allocation was sampled. */
export function snapshotOf(specs: readonly TraceSpec[], attributes?: SnapshotAttributes): Snapshot {
  const frames = new Map<string, Frame>()
  const once = (text: string): Frame => {
    const known = frames.get(text) ?? frame(text)
    frames.set(text, known)
    return known
  }
  return new Snapshot({
    traces: specs.map(([bytes, allocations, stack, domain = 'heap'], index) => ({
      trace: {
        index: index + 1,
        domain,
        frames: stack === '' ? [] : stack.split(' ').map(once),
        truncated: false,
      },
      bytes,
      allocations,
      samples: Math.ceil(allocations),
    })),
    time: 1.5,
    sampling: { interval: 1 },
    tracebackLimit: 128,
    ...(attributes !== undefined && { attributes }),
  })
}

/** Each as text, in their order. */
export function texts(items: Iterable<{ toString(): string }>): string[] {
  return Array.from(items, String)
}
