import { expect, test } from 'vitest'
import { Tables } from '../../src/core/format/hpm.js'
import { Traces } from '../../src/core/traces.js'

const FILES = {
  user: '/app/cart.js',
  package: '/app/node_modules/lodash/map.js',
  node: 'node:fs',
  runner: '/app/node_modules/vitest/dist/run.js',
  ours: '/app/node_modules/heapproof/dist/worker.cjs',
}

/** Stacks as they are written: from the root to the leaf. */
function tracesOf(...stacks: (keyof typeof FILES)[][]): Traces {
  const tables = new Tables()
  const kinds = Object.keys(FILES) as (keyof typeof FILES)[]
  for (const kind of kinds) {
    tables.scripts.push({ url: FILES[kind], sourceMapUrl: '' })
    tables.functions.push({ script: tables.scripts.length - 1, line: 1, column: 1, name: kind })
    tables.frames.push({ approximate: false, function: tables.functions.length - 1, line: 1, column: 1 })
  }
  for (const stack of stacks) {
    let node = 0
    for (const kind of stack) {
      tables.nodeParents.push(node)
      tables.nodeFrames.push(kinds.indexOf(kind) + 1)
      node = tables.nodeParents.length - 1
    }
    tables.traceNodes.push(node)
    tables.traceDomains.push(0)
    tables.traceTruncated.push(false)
  }
  return new Traces(tables)
}

const names = (traces: Traces, index: number) =>
  traces
    .withoutRoot(index)
    .frames.map((frame) => frame.function)
    .join(' ')

test('a stack without its root has what the program called, and what that called', () => {
  const traces = tracesOf(
    ['node', 'runner', 'ours', 'user', 'package', 'node'],
    ['node', 'runner', 'user', 'runner', 'ours', 'user', 'node'],
    ['user'],
  )
  expect(names(traces, 1)).toBe('node package user')
  expect(names(traces, 2)).toBe('node user ours runner user')
  expect(names(traces, 3)).toBe('user')
  expect(traces.at(1).frames).toHaveLength(6)
  expect(traces.withoutRoot(1)).toEqual({ ...traces.at(1), frames: traces.at(1).frames.slice(0, 3) })
})

test('a stack that is nothing but root stays as it is: who it belongs to is still asked', () => {
  const traces = tracesOf(['node', 'runner', 'ours', 'node'], ['node'], [])
  for (const index of [1, 2, 3, 99]) expect(traces.withoutRoot(index)).toEqual(traces.at(index))
})
