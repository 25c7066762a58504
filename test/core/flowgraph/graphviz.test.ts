import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import { flowGraph, flowGraphDot, flowGraphSvg } from '../../../src/core/flowgraph/draw.js'
import { dotToSvg } from '../../../src/core/flowgraph/svg.js'
import { read } from '../../../src/core/reader.js'
import { FEED, image } from '../../support/feed.js'
import { logFolder } from '../../support/log-builder.js'
import { exactLog, NASTY } from '../export/support.js'

const folder = logFolder()
afterAll(folder.remove)

/** What a graph calls itself that is made of names which something or other takes for more than a name. */
const NAMES = [
  ...NASTY,
  '\\N',
  '\\\\',
  'a\\',
  '&lt;',
  '&amp;nbsp;',
  '{|}',
  '<b>',
  ']]>',
  '\ufffe',
  'x'.repeat(1000),
]

function nastyDot(): string {
  const log = exactLog()
  NAMES.forEach((name, line) => {
    const leaf = { function: name, url: `/app/${name}/${line}`, line: line + 1 }
    log.events.alloc(1, log.trace([leaf, { function: 'main', url: '/app/main.js' }]), 1000)
  })
  using reader = read(log.write(folder.base('log')))
  return flowGraphDot(flowGraph(reader))
}

/** The texts of an SVG as a reader of XML gives them. */
function textsOf(svg: string): string[] {
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", '#45': '-' }
  return [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text = '']) =>
    text
      .trim()
      .replace(
        /&(#?\w+);/g,
        (_, name: string) => entities[name] ?? String.fromCodePoint(Number(name.slice(1))),
      ),
  )
}

function expectNames(svg: string): void {
  expect(svg).not.toMatch(/<script|<!--(?! (Generated|Title|Pages|n\d+))/)
  const texts = textsOf(svg)
  for (const text of [
    '</script><script>alert(1)</script>',
    '<!--',
    '\\N',
    '&lt;',
    '&amp;nbsp;',
    '{|}',
    '<b>',
    ']]>',
  ])
    expect(texts).toContain(text)
  expect(svg).toContain('xlink:title="\\N /app/\\N/')
}

describe('@viz-js/viz', () => {
  test('draws names as they are', async () => {
    expectNames(await dotToSvg(nastyDot()))
  })

  test('draws a recorded program, and an empty one', async () => {
    using reader = read(FEED)
    const svg = await flowGraphSvg(flowGraph(reader))
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['add', 'cache.mjs:6', '16.3 MB / 16.3 MB = 37 %']))
    expect(svg).toContain('prefers-color-scheme: dark')
    using empty = read(exactLog().write(folder.base('empty')))
    expect(textsOf(await flowGraphSvg(flowGraph(empty)))).toEqual(['allocated: 0 B (nothing to draw)'])
  })

  test('two times in one picture, as the documentation shows it', async () => {
    using reader = read(FEED)
    const graphs = [0.3, 'end' as const].map((at) => flowGraph(reader, { at, value: 'live' }))
    const svg = await flowGraphSvg(graphs, { smallestNode: 0.04 })
    await expect(svg).toMatchFileSnapshot(image('flow-graph.svg'))
  })

  test('says what is wrong with a text', async () => {
    await expect(dotToSvg('digraph {')).rejects.toThrow(
      expect.objectContaining({ code: 'cannot-draw', message: expect.stringContaining('syntax error') }),
    )
  })
})

const dot = spawnSync('dot', ['-V']).status === 0

/** Debian's package is graphviz. Where tests of a change run it must be there. */
describe.skipIf(!dot && process.env.CI === undefined)('graphviz', () => {
  function svgOf(text: string): string {
    const { status, stdout, stderr } = spawnSync('dot', ['-Tsvg'], { input: text, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout
  }

  test('draws names as they are', () => {
    expectNames(svgOf(nastyDot()))
  })

  test('draws a recorded program', () => {
    using reader = read(FEED)
    expect(textsOf(svgOf(flowGraphDot(flowGraph(reader))))).toContain('16.3 MB / 16.3 MB = 37 %')
  })
})
