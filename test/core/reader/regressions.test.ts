// What heapprof got wrong when it drew, by the numbers of our list of its bugs. The rest: test/native/regressions.test.ts.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { flameCollapsed } from '../../../src/core/flamegraph/collapsed.js'
import { flameGraph } from '../../../src/core/flamegraph/flame-graph.js'
import { flowGraph, flowGraphDot } from '../../../src/core/flowgraph/draw.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { type LogBuilder, logFolder } from '../../support/log-builder.js'
import { exactLog } from '../export/support.js'

const folder = logFolder()
afterAll(folder.remove)

function opened<T>(log: LogBuilder, use: (reader: Reader) => T): T {
  using reader = read(log.write(folder.base('log')))
  return use(reader)
}

/** A second for each stack: its functions, root first, and its bytes. */
function recording(stacks: readonly (readonly [names: readonly string[], bytes: number])[]): LogBuilder {
  const log = exactLog()
  stacks.forEach(([names, bytes], second) => {
    const frames = names.map((name) => ({ function: name, url: '', line: 1 })).reverse()
    log.events.alloc((second + 1) * 1e6, log.trace(frames), bytes)
  })
  return log
}

describe('B4: the flame graph of a snapshot', () => {
  const log = recording([
    [['a', 'b'], 10],
    [['a', 'c'], 30],
  ])

  test('is written at any time, and at the end unless told otherwise', () => {
    const path = folder.base('flames')
    opened(log, (reader) => {
      const written = (...time: number[]) => {
        reader.writeFlameGraph(path, ...time)
        return readFileSync(path, 'utf8').trim().split('\n').sort()
      }
      expect(written(1)).toEqual([expect.stringMatching(/^a\b.*;b\b.* 10$/)])
      const both = [expect.stringMatching(/^a\b.*;b\b.* 10$/), expect.stringMatching(/^a\b.*;c\b.* 30$/)]
      expect(written(2)).toEqual(both)
      expect(written()).toEqual(both)
    })
  })

  test('is made of the snapshot itself, too, and a snapshot that stands for a time is refused in words', () => {
    opened(log, (reader) => {
      const snapshot = reader.snapshotAt(2)
      expect([...flameCollapsed(flameGraph(snapshot))].join('')).toBe('a;c 30\na;b 10\n')
      const given = snapshot as unknown as number
      expect(() => reader.writeFlameGraph(folder.base('none'), given)).toThrow(
        expect.objectContaining({ code: 'invalid-argument' }),
      )
    })
  })
})

describe('B11: the flow graph', () => {
  /** Few names, so that stacks go through a line again and again, and share lines. */
  const stacks = fc.array(
    fc.tuple(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 1000 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  const options = fc.record({
    collapse: fc.boolean(),
    smallestNode: fc.constantFrom(0, 0.1, 0.5),
    smallestEdge: fc.constantFrom(0, 0.1, 0.5),
  })

  test('counts a line and a call once for each stack, however often it goes through them', () => {
    fc.assert(
      fc.property(stacks, (given) => {
        const { nodes, edges, total } = opened(recording(given), (reader) => flowGraph(reader))
        const through = (goes: (names: readonly string[]) => boolean) =>
          given.reduce((sum, [names, bytes]) => sum + (goes(names) ? bytes : 0), 0)
        expect(total).toBe(through(() => true))
        for (const { function: name, self, total: all } of nodes.slice(1)) {
          expect(all).toBe(through((names) => names.includes(name)))
          expect(self).toBe(through((names) => names.at(-1) === name))
        }
        for (const { from, to, bytes } of edges.filter((edge) => edge.from !== 0)) {
          const [caller, callee] = [nodes[from]?.function, nodes[to]?.function]
          const calls = (names: readonly string[]) =>
            names.some((name, index) => name === caller && names[index + 1] === callee)
          expect(bytes).toBe(through(calls))
        }
      }),
      { seed: 11, numRuns: 60 },
    )
  })

  test('has an arrow to no box that is not there, and no share above all, whatever is left out and put together', () => {
    fc.assert(
      fc.property(stacks, stacks, options, (one, other, drawn) => {
        const graphs = [one, other].map((given) => opened(recording(given), (reader) => flowGraph(reader)))
        const dot = flowGraphDot(graphs, drawn)
        const boxes = new Set(Array.from(dot.matchAll(/^ {2}(n\d+) \[/gm), ([, id]) => id))
        for (const [, from, to] of dot.matchAll(/^ {2}(n\d+) -> (n\d+) /gm)) {
          expect(boxes).toContain(from)
          expect(boxes).toContain(to)
        }
        for (const [, share] of dot.matchAll(/ = (\S+) %/g)) {
          expect(Number(share)).toBeGreaterThanOrEqual(0)
          expect(Number(share)).toBeLessThanOrEqual(100)
        }
        // From light blue to light red: every hue in between has its blue at the top, or its red.
        for (const [, red, blue] of dot.matchAll(/<td bgcolor="#(..)..(..)">/g)) {
          expect([red, blue]).toContain('ff')
        }
      }),
      { seed: 11, numRuns: 60 },
    )
  })

  test('is compared with nothing as with anything else', () => {
    const [something, nothing] = [recording([[['a', 'b'], 10]]), exactLog()].map((log) =>
      opened(log, (reader) => flowGraph(reader)),
    ) as [ReturnType<typeof flowGraph>, ReturnType<typeof flowGraph>]
    expect(flowGraphDot([nothing, something])).toContain('0 B / 0 B = 0 %</td><td')
    expect(flowGraphDot([something, nothing])).toContain('10 B / 10 B = 100 %</td><td')
    for (const graphs of [
      [nothing, something],
      [something, nothing],
      [nothing, nothing],
    ])
      expect(flowGraphDot(graphs)).not.toMatch(/NaN|Infinity|-\d/)
    const path = folder.base('compared.dot')
    const log = recording([[['a', 'b'], 10]])
    opened(log, (reader) => reader.compareFlowGraphs(path, 0, 1))
    expect(readFileSync(path, 'utf8')).toContain('10 B / 10 B = 100 %')
  })
})
