import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { flowGraph, flowGraphDot } from '../../../src/core/flowgraph/draw.js'
import type { FlowGraph } from '../../../src/core/flowgraph/flow-graph.js'
import type { FlowDrawOptions } from '../../../src/core/flowgraph/options.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { folderWith } from '../../support/command-line.js'
import { drawn, FEED } from '../../support/feed.js'
import { type FrameSpec, type LogBuilder, logFolder } from '../../support/log-builder.js'
import { exactLog } from '../export/support.js'

const folder = logFolder()
afterAll(folder.remove)

function opened<T>(log: LogBuilder, use: (reader: Reader) => T): T {
  using reader = read(log.write(folder.base('log')))
  return use(reader)
}

/** A recording of stacks, root first, `main 9` a function and its line, with their bytes. */
function stacks(all: Readonly<Record<string, number>>): LogBuilder {
  const log = exactLog()
  let time = 0
  for (const [text, bytes] of Object.entries(all)) {
    const frames = text.split(' > ').map((frame): FrameSpec => {
      const [name = '', line = '1'] = frame.split(' ')
      return { function: name, line: Number(line) }
    })
    log.events.alloc(++time * 1e6, log.trace(frames.reverse()), bytes)
  }
  return log
}

const graphOf = (all: Readonly<Record<string, number>>) => opened(stacks(all), (reader) => flowGraph(reader))

/** `name self/total`, and `from > to bytes`. */
function shown({ nodes, edges }: FlowGraph): string[] {
  return [
    ...nodes.map(({ function: name, self, total }) => `${name} ${self}/${total}`),
    ...edges.map(({ from, to, bytes }) => `${nodes[from]?.function} > ${nodes[to]?.function} ${bytes}`),
  ]
}

describe('the numbers', () => {
  test('of a line its own and what comes through it; of a call what goes along it', () => {
    expect(shown(graphOf({ 'main > a': 10, 'main > b > c': 20, 'main > a > c': 5, main: 1 }))).toEqual([
      '(program) 0/36',
      'main 1/36',
      'c 25/25',
      'b 0/20',
      'a 10/15',
      '(program) > main 36',
      'main > b 20',
      'main > a 15',
      'b > c 20',
      'a > c 5',
    ])
  })

  test('a stack counts once in a line and on a call, however often it comes by', () => {
    const graph = graphOf({ 'main > f > f > f': 10, 'main > f > g > f > g': 4 })
    expect(shown(graph)).toEqual([
      '(program) 0/14',
      'main 0/14',
      'f 10/14',
      'g 4/4',
      '(program) > main 14',
      'main > f 14',
      'f > f 10',
      'f > g 4',
      'g > f 4',
    ])
    for (const { total } of graph.nodes) expect(total).toBeLessThanOrEqual(graph.total)
  })

  test('nothing', () => {
    const graph = opened(exactLog(), (reader) => flowGraph(reader))
    expect(graph).toMatchObject({ total: 0, edges: [], label: 'allocated' })
    expect(flowGraphDot(graph)).toContain('label=<allocated: 0 B (nothing to draw)>')
  })

  test('at a time, by the reader', () => {
    opened(stacks({ a: 10, b: 20 }), (reader) => {
      expect(shown(reader.flowGraphAt(1)).slice(0, 2)).toEqual(['(program) 0/10', 'a 10/10'])
      expect(reader.flowGraphAt(2)).toMatchObject({ total: 30, label: 'live at 2 s' })
    })
  })
})

/** Boxes as `lines | numbers`, and arrows between their first lines. */
function boxesOf(dot: string): { boxes: string[]; arrows: string[] } {
  const names = new Map<string, string>()
  const boxes: string[] = []
  for (const [, id = '', label = ''] of dot.matchAll(/^ {2}(n\d+) \[label=<(.*)> fontsize/gm)) {
    const lines = [...label.matchAll(/<b>(.*?)<\/b>|<i>(.*?)<\/i>/g)].map(([, name, more]) => name ?? more)
    const numbers = [...label.matchAll(/<td bgcolor="#\w+">(.*?)<\/td>/g)].map(([, text]) => text)
    names.set(id, lines[0] as string)
    boxes.push(`${lines.join(' ')} | ${numbers.join(' | ')}`)
  }
  const arrows = [...dot.matchAll(/^ {2}(n\d+) -> (n\d+) \[label="(.*?)"/gm)].map(
    ([, from = '', to = '', label]) => `${names.get(from)} > ${names.get(to)} ${label}`,
  )
  return { boxes, arrows }
}

const drawnOf = (all: Readonly<Record<string, number>>, options?: FlowDrawOptions) =>
  boxesOf(flowGraphDot(graphOf(all), options))

describe('what is drawn', () => {
  test('lines that only call the next are one box, to the end of the chain', () => {
    const chain = Array.from({ length: 6 }, (_, index) => `f${index}`).join(' > ')
    expect(drawnOf({ [`${chain} > left`]: 60, [`${chain} > right`]: 40 })).toEqual({
      boxes: [
        'f0 f1 f2 f3 f4 f5 | 0 B / 100 B = 100 %',
        'left | 60 B / 60 B = 60 %',
        'right | 40 B / 40 B = 40 %',
      ],
      arrows: ['f0 > left 60 B', 'f0 > right 40 B'],
    })
  })

  test('a line with bytes of its own ends a chain, and so does one with two callers', () => {
    expect(drawnOf({ 'a > b': 50, 'a > b > c': 50 }).boxes).toEqual([
      'a b | 50 B / 100 B = 100 %',
      'c | 50 B / 50 B = 50 %',
    ])
    expect(drawnOf({ 'a > c > d': 50, 'b > c > d': 50 }).boxes).toEqual([
      '(program) | 0 B / 100 B = 100 %',
      'c d | 100 B / 100 B = 100 %',
      'a | 0 B / 50 B = 50 %',
      'b | 0 B / 50 B = 50 %',
    ])
  })

  test('of a long chain the ends', () => {
    const chain = Array.from({ length: 30 }, (_, index) => `f${index}`).join(' > ')
    expect(drawnOf({ [chain]: 8 }).boxes).toEqual([
      'f0 f1 f2 f3 22 more lines f26 f27 f28 f29 | 8 B / 8 B = 100 %',
    ])
  })

  test('collapse: false', () => {
    expect(drawnOf({ 'a > b': 8 }, { collapse: false }).boxes).toEqual([
      'a | 0 B / 8 B = 100 %',
      'b | 8 B / 8 B = 100 %',
    ])
  })

  test('recursion is an arrow to itself, and ends no walk', () => {
    expect(drawnOf({ 'a > b > a > b': 8 })).toEqual({
      boxes: ['a | 0 B / 8 B = 100 %', 'b | 8 B / 8 B = 100 %'],
      arrows: ['a > b 8 B', 'b > a 8 B'],
    })
  })

  test('small lines and calls are left out, but a line keeps its greatest caller', () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`main > f${index} > shared`, index === 7 ? 2 : 1]),
    )
    expect(drawnOf({ ...many, 'main > big': 1000 }, { smallestNode: 0.001 }).arrows).toEqual(
      expect.arrayContaining(['main > big 1 kB', 'f7 > shared 2 B']),
    )
    const { boxes } = drawnOf({ ...many, 'main > big': 1000 })
    expect(boxes).toHaveLength(3)
    const everything = drawnOf({ ...many, 'main > big': 1000 }, { smallestNode: 0, smallestEdge: 0 })
    expect(everything.boxes).toHaveLength(203)
    expect(everything.arrows).toHaveLength(401)
  })

  test('several graphs: one number of each', () => {
    const [old, now] = [
      graphOf({ 'main > a': 60, 'main > b': 40 }),
      graphOf({ 'main > a': 10, 'main > c': 990 }),
    ]
    expect(boxesOf(flowGraphDot([old, now]))).toEqual({
      boxes: [
        'main | 0 B / 100 B = 100 % | 0 B / 1 kB = 100 %',
        'a | 60 B / 60 B = 60 % | 10 B / 10 B = 1 %',
        'b | 40 B / 40 B = 40 % | 0 B / 0 B = 0 %',
        'c | 0 B / 0 B = 0 % | 990 B / 990 B = 99 %',
      ],
      arrows: ['main > a 60 B / 10 B', 'main > b 40 B / 0 B', 'main > c 0 B / 990 B'],
    })
  })

  test('the text is the larger, the more a line allocates itself', () => {
    const sizes = (options?: FlowDrawOptions) =>
      [...flowGraphDot(graphOf({ a: 75, b: 25 }), options).matchAll(/fontsize=([\d.]+) tooltip/g)].map(
        ([, size]) => Number(size),
      )
    expect(sizes()).toEqual([12, 33, 19])
    expect(sizes({ sizeBySelf: false })).toEqual([12, 12, 12])
  })

  test.each<[unknown, string]>([
    [{ smallestNode: 2 }, 'flowGraphDot: smallestNode must be a share from 0 to 1, received 2'],
    [{ smallestEdge: '1%' }, 'smallestEdge must be a share from 0 to 1, received "1%"'],
    [{ colapse: false }, 'unknown option "colapse"; did you mean "collapse"?'],
  ])('%o is refused', (options, message) => {
    expect(() => flowGraphDot(graphOf({ a: 1 }), options as FlowDrawOptions)).toThrow(message)
  })

  test('what is no flow graph is refused', () => {
    for (const given of [[], undefined, {}, [graphOf({ a: 1 }), 7]]) {
      expect(() => flowGraphDot(given as FlowGraph)).toThrow(
        'flowGraphDot: expected a flow graph or a list of them, received',
      )
    }
  })
})

test('reader.compareFlowGraphs needs a time', () => {
  using reader = read(FEED)
  expect(() => reader.compareFlowGraphs('never.dot')).toThrow('compareFlowGraphs: expected at least one time')
})

describe('a recorded program', () => {
  test('what it allocated', async () => {
    using reader = read(FEED)
    await expect(flowGraphDot(flowGraph(reader))).toMatchFileSnapshot(drawn('allocated.dot'))
  })

  test('two times in one picture, the same by the reader and at every call', async () => {
    using reader = read(FEED)
    const [first, second] = [reader.snapshots().times[2] as number, reader.duration]
    const path = join(folderWith(), 'compared.dot')
    reader.compareFlowGraphs(path, first, second)
    const text = readFileSync(path, 'utf8')
    expect(flowGraphDot([reader.flowGraphAt(first), reader.flowGraphAt(second)])).toBe(text)
    await expect(text).toMatchFileSnapshot(drawn('compared.dot'))
  })
})
