import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { flameCollapsed, flameDiffCollapsed } from '../../../src/core/flamegraph/collapsed.js'
import { diffFlameGraphs } from '../../../src/core/flamegraph/diff.js'
import { type FlameGraph, flameGraph } from '../../../src/core/flamegraph/flame-graph.js'
import { flameDiffSpeedscope, flameSpeedscope } from '../../../src/core/flamegraph/speedscope.js'
import { read } from '../../../src/core/reader.js'
import { drawn, FEED } from '../../support/feed.js'
import { type LogBuilder, logFolder } from '../../support/log-builder.js'
import { openInSpeedscope, stacksOf } from '../export/speedscope-reader.js'
import { exactLog, NASTY } from '../export/support.js'

const folder = logFolder()
afterAll(folder.remove)

function graphOf(log: LogBuilder): FlameGraph {
  using reader = read(log.write(folder.base('log')))
  return flameGraph(reader)
}

/** Stacks of functions, root first, with their bytes. */
function stacks(all: Readonly<Record<string, number>>): FlameGraph {
  const log = exactLog()
  for (const [text, bytes] of Object.entries(all)) {
    const frames = text.split('>').map((name) => ({ function: name, url: '' }))
    log.events.alloc(1, log.trace(frames.reverse()), bytes)
  }
  return graphOf(log)
}

const joined = (chunks: Iterable<string>): string => [...chunks].join('')

describe('collapsed stacks', () => {
  test('a line is a stack with bytes of its own, in the order of drawing', () => {
    expect(joined(flameCollapsed(stacks({ 'a>b': 10, a: 5, 'a>c>d': 20 })))).toBe('a 5\na;c;d 20\na;b 10\n')
  })

  test('of a difference it ends in both numbers', () => {
    const [before, after] = [stacks({ 'a>b': 10, 'a>c': 3 }), stacks({ 'a>b': 4, 'a>d': 50 })]
    expect(joined(flameDiffCollapsed(diffFlameGraphs(before, after)))).toBe('a;d 0 50\na;b 10 4\na;c 3 0\n')
  })

  test('no name breaks a line, a stack or a number', () => {
    const log = exactLog()
    for (const name of NASTY) log.events.alloc(1, log.trace([{ function: name, url: `/${name}` }]), 8)
    const graph = graphOf(log)
    const count = graph.parents.length - 1
    const lines = joined(flameCollapsed(graph)).split('\n')
    expect(lines.pop()).toBe('')
    expect(lines).toHaveLength(count)
    for (const line of lines) expect(line).toMatch(/^[^;\p{Cc}\u2028\u2029]*\D 8$/u)
    const pairs = joined(flameDiffCollapsed(diffFlameGraphs(graph, graph)))
      .trimEnd()
      .split('\n')
    for (const line of pairs) expect(line).toMatch(/^[^;\p{Cc}\u2028\u2029]*\D 8 8$/u)
  })
})

describe('speedscope', () => {
  const schema = createRequire(import.meta.url).resolve('speedscope/dist/release/file-format-schema.json')
  const validate = new Ajv().compile(JSON.parse(readFileSync(schema, 'utf8')))

  const opened = async (chunks: Iterable<string>) => {
    const text = joined(chunks)
    expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true)
    return await openInSpeedscope('a.speedscope.json', Buffer.from(text))
  }

  test('one profile, with the stacks and their bytes', async () => {
    const [profile, ...others] = await opened(flameSpeedscope(stacks({ 'a>b': 10, a: 5 })))
    expect(others).toEqual([])
    expect(profile?.getName()).toBe('allocated, 15 B')
    expect(Object.fromEntries(stacksOf(profile as NonNullable<typeof profile>))).toEqual({
      a: 5,
      'a > b': 10,
    })
  })

  test('of a difference: what grew, what shrank, and both', async () => {
    const diff = diffFlameGraphs(stacks({ 'a>b': 10, 'a>c': 3 }), stacks({ 'a>b': 4, 'a>d': 50 }))
    const profiles = await opened(flameDiffSpeedscope(diff))
    const shown = profiles.map((profile) => [profile.getName(), Object.fromEntries(stacksOf(profile))])
    expect(shown).toEqual([
      ['grew, 50 B', { 'a > d': 50 }],
      ['shrank, 9 B', { 'a > b': 6, 'a > c': 3 }],
      ['before, 13 B', { 'a > b': 10, 'a > c': 3 }],
      ['after, 54 B', { 'a > b': 4, 'a > d': 50 }],
    ])
  })

  test('of nothing, and of names that are more than names', async () => {
    expect(await opened(flameSpeedscope(graphOf(exactLog())))).toHaveLength(1)
    const log = exactLog()
    for (const name of NASTY) log.events.alloc(1, log.trace([{ function: name, url: '' }]), 8)
    const text = joined(flameSpeedscope(graphOf(log)))
    expect(validate(JSON.parse(text))).toBe(true)
    expect(text).not.toContain('</script>')
  })

  test('a recorded program: from one time to another', async () => {
    using reader = read(FEED)
    const at = (time: number | 'end') => flameGraph(reader, { value: 'live', at: time })
    const text = joined(flameDiffSpeedscope(diffFlameGraphs(at(0.3), at('end'))))
    expect(validate(JSON.parse(text))).toBe(true)
    await expect(text).toMatchFileSnapshot(drawn('difference.speedscope.json'))
  })
})

test('what is no flame graph is refused', () => {
  const refused = (act: (given: never) => unknown, given: unknown, message: string) =>
    expect(() => act(given as never)).toThrow(message)
  for (const given of [undefined, null, {}, 7, stacks({ a: 1 }).frames]) {
    refused(flameCollapsed, given, 'flameCollapsed: expected a flame graph, received')
    refused(flameSpeedscope, given, 'flameSpeedscope: expected a flame graph, received')
    refused(flameDiffCollapsed, given, 'flameDiffCollapsed: expected what diffFlameGraphs() gives, received')
    refused(
      flameDiffSpeedscope,
      given,
      'flameDiffSpeedscope: expected what diffFlameGraphs() gives, received',
    )
  }
})

test('whatever was allocated and freed, the values of a span add up', () => {
  const event = fc.tuple(fc.nat({ max: 4 }), fc.integer({ min: 8, max: 500 }), fc.nat({ max: 1000 }))
  const time = fc.nat({ max: 2000 })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), time, time, (events, one, other) => {
      const log = exactLog()
      const ordered = events.map(([place, size, age], index) => ({ place, size, born: index * 40, age }))
      const all = ordered
        .flatMap((entry) => [
          { at: entry.born, entry, isFree: false },
          { at: entry.born + entry.age, entry, isFree: true },
        ])
        .sort((a, b) => a.at - b.at || Number(a.isFree) - Number(b.isFree))
      for (const { at, entry, isFree } of all) {
        const trace = log.trace([{ function: `f${entry.place}` }, { function: 'main' }])
        if (isFree) log.events.free(at, trace, entry.size, entry.age)
        else log.events.alloc(at, trace, entry.size)
      }
      using reader = read(log.write(folder.base('span')))
      const [from, at] = [Math.min(one, other) / 1e6, Math.max(one, other) / 1e6]
      const total = (value: 'allocated' | 'retained' | 'temporary'): number =>
        flameGraph(reader, { value, from, at }).total[0] as number
      expect(total('retained') + total('temporary')).toBeCloseTo(total('allocated'), 6)
      const span = reader.span({ from, to: at })
      expect(total('allocated')).toBeCloseTo(span.allocated, 6)
      expect(total('temporary')).toBeCloseTo(span.temporary, 6)
      const live = flameGraph(reader, { value: 'live', at }).total[0] as number
      const expected = ordered.filter(({ born, age }) => born <= at * 1e6 && born + age > at * 1e6)
      expect(live).toBeCloseTo(
        expected.reduce((sum, { size }) => sum + size, 0),
        6,
      )
    }),
    { seed: 1, numRuns: 100 },
  )
})
