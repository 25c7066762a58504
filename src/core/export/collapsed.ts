import type { Snapshot } from '../tracemalloc/snapshot.js'
import { chunksOf } from './chunks.js'
import { frameLabel } from './frame-label.js'
import type { Value } from './value.js'
import { type ProfileView, viewOf } from './view.js'
import { WholeNumbers } from './whole.js'

// Collapsed stacks, as flamegraph.pl made them known: a line is a stack, its root first, and a number.
//
//    main (/app/a.js:9);parse (/app/b.js:7) 4096
//
// Readers split at ';' and at the last space, and some take two numbers at the end of a line for a difference. So no
// name may hold a line break or ';', or end in a space and a number.

/** Nothing a terminal or an editor would take for a break or a command. */
const CONTROL = /[\p{Cc}\u2028\u2029]+/gu
const TRAILING_NUMBER = /\s+(?=[\d.]+$)/

/**
 * The stacks of a view or of a snapshot as collapsed stacks, in chunks of whole lines. The numbers are whole bytes whose
 * sum is the total, rounded; stacks that come to 0 bytes are left out. Of a snapshot it is what is live.
 */
export function collapsed(profile: ProfileView | Snapshot, value: Value = 'live'): Iterable<string> {
  return chunksOf(lines('tree' in profile ? profile : viewOf(profile), value))
}

function* lines({ tree, traces }: ProfileView, value: Value): Generator<string, void, undefined> {
  const names = tree.frames.map(collapsedName)
  const whole = new WholeNumbers()
  for (const { node, bytes } of byStack(traces, value)) {
    const number = whole.next(bytes)
    if (number === 0) continue
    const stack = tree.stack(node).reverse()
    yield `${stack.map((frame) => names[frame]).join(';')} ${number}\n`
  }
}

/** Domains and threads are not told apart here. */
function* byStack(
  traces: ProfileView['traces'],
  value: Value,
): Generator<{ node: number; bytes: number }, void, undefined> {
  const sums = new Map<number, number>()
  for (const trace of traces) sums.set(trace.node, (sums.get(trace.node) ?? 0) + trace[value].bytes)
  for (const [node, bytes] of sums) yield { node, bytes }
}

/** A frame as collapsed stacks can hold it. */
export function collapsedName(frame: Parameters<typeof frameLabel>[0]): string {
  const line = frameLabel(frame)
    .replace(CONTROL, ' ')
    .replaceAll(';', ':')
    .trim()
    .replace(TRAILING_NUMBER, '_')
  return line === '' ? '(anonymous)' : line
}
