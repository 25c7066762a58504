import { afterAll, describe, expect, test } from 'vitest'
import { viewOf } from '../../../src/core/export/view.js'
import { diffFlameGraphs } from '../../../src/core/flamegraph/diff.js'
import {
  type FlameGraph,
  type FlameGraphOptions,
  flameGraph,
} from '../../../src/core/flamegraph/flame-graph.js'
import { type FlameTree, flameTree } from '../../../src/core/flamegraph/flame-tree.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { type LogBuilder, logFolder } from '../../support/log-builder.js'
import { exactLog, sum } from '../export/support.js'

const folder = logFolder()
afterAll(folder.remove)

function opened<T>(log: LogBuilder, use: (reader: Reader) => T): T {
  using reader = read(log.write(folder.base('log')))
  return use(reader)
}

/** `depth name:line self total`, one for each node below the root. */
function drawn({ self, total, ...tree }: FlameTree & Pick<FlameGraph, 'self' | 'total'>): string[] {
  return Array.from({ length: tree.parents.length - 1 }, (_, index) => {
    const node = index + 1
    const { function: name, line } = tree.frames[tree.nodeFrames[node] as number] as FlameTree['frames'][0]
    return `${'  '.repeat((tree.depths[node] as number) - 1)}${name}:${line} ${self[node]} ${total[node]}`
  })
}

const main = { function: 'main', line: 9, column: 3 }

/** From 0 to 4 seconds: a of 100 and 60 bytes, 100 freed at 3 s; b a buffer of 500; a again through itself, 40. */
function recording(): LogBuilder {
  const log = exactLog()
  const leaf = { function: 'a', line: 2, column: 15 }
  const a = log.trace([leaf, main])
  const again = log.trace([leaf, { function: 'a', line: 2, column: 30 }, main])
  const b = log.trace([{ function: 'b', line: 7 }, main], 'arrayBuffer')
  log.events.alloc(500_000, a, 100).alloc(1_000_000, a, 60).alloc(2_000_000, b, 500)
  log.events.free(3_000_000, a, 100, 2_500_000).alloc(4_000_000, again, 40)
  return log
}

describe('flameGraph', () => {
  const of = (options?: FlameGraphOptions) =>
    opened(recording(), (reader) => drawn(flameGraph(reader, options)))

  test('allocated: the greatest branch first, each node before those below it', () => {
    expect(of()).toEqual(['main:9 0 700', '  b:7 500 500', '  a:2 160 200', '    a:2 40 40'])
  })

  test('live, at the end, at a time and at the peak', () => {
    expect(of({ value: 'live' })).toEqual(['main:9 0 600', '  b:7 500 500', '  a:2 60 100', '    a:2 40 40'])
    expect(of({ at: 1.5 })).toEqual(['main:9 0 160', '  a:2 160 160'])
    expect(of({ at: 'peak' })).toEqual(['main:9 0 660', '  b:7 500 500', '  a:2 160 160'])
  })

  test('a span: what was allocated in it, what of it stayed, and what did not', () => {
    expect(of({ from: 0.75, at: 3 })).toEqual(['main:9 0 560', '  b:7 500 500', '  a:2 60 60'])
    expect(of({ from: 0.75, at: 3, value: 'temporary' })).toEqual([])
    expect(of({ from: 0.25, at: 3, value: 'temporary' })).toEqual(['main:9 0 100', '  a:2 100 100'])
    expect(of({ from: 0.25, at: 3, value: 'retained' })).toEqual([
      'main:9 0 560',
      '  b:7 500 500',
      '  a:2 60 60',
    ])
  })

  test('one domain', () => {
    expect(of({ domain: 'arrayBuffer' })).toEqual(['main:9 0 500', '  b:7 500 500'])
  })

  test('of a snapshot', () => {
    opened(recording(), (reader) => {
      const graph = flameGraph(reader.snapshotAt(4))
      expect(drawn(graph)).toEqual(['main:9 0 600', '  b:7 500 500', '  a:2 60 100', '    a:2 40 40'])
      expect(graph).toMatchObject({ value: 'live', at: 4, time: 4, from: 0 })
    })
  })

  test('nothing is a root without bytes', () => {
    const graph = opened(exactLog(), (reader) => flameGraph(reader))
    expect(drawn(graph)).toEqual([])
    expect([...graph.total]).toEqual([0])
  })

  test('stacks that are not known', () => {
    const log = exactLog()
    log.events.alloc(1, 0, 24)
    expect(opened(log, (reader) => drawn(flameGraph(reader)))).toEqual(['(unknown):0 24 24'])
  })

  test.each<[unknown, string]>([
    [{ value: 'liv' }, "value must be 'live', 'allocated', 'retained' or 'temporary', received \"liv\""],
    [{ at: -1 }, "at must be a number of seconds from the start, 'peak' or 'end', received -1"],
    [{ from: 'peak' }, 'from must be a number of seconds from the start, received "peak"'],
    [{ form: 1 }, 'unknown option "form"; did you mean "from"?'],
    [
      { value: 'live', from: 1 },
      '`live` is what is live at one time; with `from`, ask for what was retained',
    ],
  ])('%o is refused', (options, message) => {
    expect(() => of(options as FlameGraphOptions)).toThrow(message)
  })

  test('what is no profile, and what a snapshot does not know', () => {
    expect(() => flameGraph({} as Reader)).toThrow(
      'flameGraph: expected a Reader, a list of Readers or a Snapshot',
    )
    opened(recording(), (reader) => {
      const snapshot = reader.snapshotAt(1)
      expect(() => flameGraph(snapshot, { at: 2 })).toThrow('a snapshot has one time')
      expect(() => flameGraph(snapshot, { value: 'temporary' })).toThrow('not what was temporary')
    })
  })
})

test('the parts add up, and ends enclose what is below', () => {
  opened(recording(), (reader) => {
    const { self, total, parents, ends } = flameGraph(reader)
    expect(sum(self)).toBe(total[0])
    expect(total[0]).toBe(sum(viewOf([reader]).traces.map(({ allocated }) => allocated.bytes)))
    expect([...parents]).toEqual([0, 0, 1, 1, 3])
    expect([...ends]).toEqual([5, 5, 3, 5, 5])
  })
})

test('a million nodes, and a stack of as many', () => {
  const frames = [0, 1, 2].map((line) => ({ function: 'f', file: '/a.js', line }))
  const count = 1_000_000
  const nodeFrames = Uint32Array.from({ length: count }, (_, node) => (node % 2) + 1)
  const chain = Uint32Array.from(nodeFrames, (_, node) => Math.max(0, node - 1))
  const column = new Float64Array(count).fill(8)
  column[0] = 0
  const { tree, bytes } = flameTree({ frames, nodeFrames, parents: chain }, [column])
  expect(tree.depths[count - 1]).toBe(count - 1)
  expect(bytes[0]?.total[0]).toBe(8 * (count - 1))
  expect(bytes[0]?.total[count - 1]).toBe(8)
  const bush = nodeFrames.subarray(0, 100_000).map((_, node) => Math.trunc(Math.max(0, node - 1) / 2))
  const wide = flameTree({ frames, nodeFrames, parents: bush }, [column])
  expect(wide.bytes[0]?.total[0]).toBe(8 * 99_999)
})

describe('diffFlameGraphs', () => {
  test('one tree, with the bytes of both', () => {
    opened(recording(), (reader) => {
      const { before, after, ...tree } = diffFlameGraphs(
        flameGraph(reader, { at: 1.5 }),
        flameGraph(reader, { at: 'end', value: 'live' }),
      )
      expect(drawn({ ...tree, ...before })).toEqual([
        'main:9 0 160',
        '  b:7 0 0',
        '  a:2 160 160',
        '    a:2 0 0',
      ])
      expect(drawn({ ...tree, ...after })).toEqual([
        'main:9 0 600',
        '  b:7 500 500',
        '  a:2 60 100',
        '    a:2 40 40',
      ])
    })
  })

  test('of one with itself nothing has changed', () => {
    opened(recording(), (reader) => {
      const graph = flameGraph(reader)
      const { before, after, ...tree } = diffFlameGraphs(graph, graph)
      expect(before).toEqual(after)
      expect(drawn({ ...tree, ...before })).toEqual(drawn(graph))
    })
  })

  test('refuses what cannot be compared', () => {
    opened(recording(), (reader) => {
      const graph = flameGraph(reader)
      expect(() => diffFlameGraphs(graph, flameGraph(reader, { value: 'live' }))).toThrow(
        'diffFlameGraphs: one is of allocated bytes, the other of live',
      )
      expect(() => diffFlameGraphs(graph, {} as FlameGraph)).toThrow(
        'diffFlameGraphs: expected a flame graph, received {}',
      )
    })
  })
})
