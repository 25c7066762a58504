import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { poissonScale, type Sampling, scaleOf } from '../../src/core/format/sampling.js'
import { formatTable } from '../../src/core/session/sampling-table.js'
import { suggest } from '../../src/core/stats/suggest.js'
import { CLI } from '../support/command-line.js'

const docs = join(dirname(dirname(CLI)), 'docs')

/** Rows of the table below this heading of a page: cells as they are written. */
function tableBelow(page: string, heading: string): string[][] {
  const text = readFileSync(join(docs, page), 'utf8')
  const [table = ''] = /^\|[\s\S]*?(?=\n\n)/m.exec(text.slice(text.indexOf(heading))) ?? []
  const cells = table.split('\n').map((line) => line.split('|').slice(1, -1))
  return cells.slice(2).map((row) => row.map((cell) => cell.trim()))
}

/** The first number in a text, and half of its last digit, which is what it may be off by. */
function numberIn(text: string): { value: number; half: number } {
  const [digits = ''] = /[\d,]+(?:\.\d+)?/.exec(text) ?? []
  const decimals = digits.split('.')[1]?.length ?? 0
  return { value: Number(digits.replaceAll(',', '')), half: 0.5000001 * 10 ** -decimals }
}

function expectIn(text: string, value: number) {
  const shown = numberIn(text)
  expect(Math.abs(shown.value - value), `${text} is ${value}`).toBeLessThanOrEqual(shown.half)
}

test('sampling.md: three numbers to check', () => {
  const rows = tableBelow('sampling.md', '## Three numbers to check')
  expect(rows).toHaveLength(3)
  for (const [object = '', chance = '', stands = ''] of rows) {
    const size = numberIn(object).value
    const scale = poissonScale(size, 131_072)
    const [objects = '', bytes = ''] = stands.split(', ').slice(-2)
    expectIn(chance, 100 / scale)
    expectIn(objects, scale)
    expectIn(bytes, size * scale)
  }
})

test('sampling.md: what V8 draws, and what is recorded of it', () => {
  const rows = tableBelow('sampling.md', '### What V8 can give')
  const rule: Sampling = {
    rule: 1,
    interval: 0,
    table: [
      [128, 1e-4],
      [8192, 0.1],
    ],
    draw: 1185,
  }
  expect(rows).toHaveLength(5)
  for (const [object = '', asked = '', drawn = '', recorded = '', stands = ''] of rows) {
    const size = numberIn(object).value
    expectIn(asked, 100 / scaleOf(size, { ...rule, draw: 1 }))
    expectIn(drawn, 100 / poissonScale(size, rule.draw))
    expectIn(recorded, 100 / scaleOf(size, rule))
    expectIn(stands, scaleOf(size, rule))
  }
})

test('sampling.md: the errors and the table it speaks of', () => {
  const text = readFileSync(join(docs, 'sampling.md'), 'utf8').replaceAll('\n', ' ')
  const [, coarse = '', fine = ''] = /5 MB at 128 KiB give ±(\d+) %, at 1 KiB ±(\d+) %/.exec(text) ?? []
  expectIn(coarse, 200 * Math.sqrt(131_072 / 5e6))
  expectIn(fine, 200 * Math.sqrt(1024 / 5e6))
  // 60 million objects up to 256 bytes, 1.5 million up to 8,192 and 46,000 above.
  const counts = [
    { exponent: 8, count: 60e6, bytes: 60e6 * 60 },
    { exponent: 13, count: 1.5e6, bytes: 1.5e6 * 1000 },
    { exponent: 16, count: 46_000, bytes: 46_000 * 50_000 },
  ]
  expect(text).toContain(`that gives \`${formatTable(suggest(counts).table)}\``)
})

test('sampling.md: how often V8 draws for a table', () => {
  const text = readFileSync(join(docs, 'sampling.md'), 'utf8').replaceAll('\n', ' ')
  const [, often = '', more = ''] =
    /0\.1 from 16 bytes on has V8 draw every (\d+) bytes, and one of 0\.5 from 16 bytes on every (\d+)/.exec(
      text,
    ) ?? []
  expectIn(often, -16 / Math.log(1 - 0.1))
  expectIn(more, -16 / Math.log(1 - 0.5))
})

test('README, overhead.md, matchers.md: a reading of the counters takes less than a microsecond', () => {
  const [, cost = ''] =
    tableBelow('performance.md', '## Single steps').find(([step]) => step?.startsWith('a reading')) ?? []
  expect([cost.endsWith(' µs'), numberIn(cost).value < 1]).toEqual([true, true])
})

test('file-format.md: what a sample weighs', () => {
  const rows = tableBelow('file-format.md', '| size, at interval 512')
  expect(rows).toHaveLength(3)
  for (const [object = '', chance = '', scale = '', bytes = ''] of rows) {
    const size = numberIn(object).value
    expectIn(chance, 100 / poissonScale(size, 512))
    expectIn(scale, poissonScale(size, 512))
    expectIn(bytes, size * poissonScale(size, 512))
  }
})

test('ci.md: how much a test must grow to be told', () => {
  const rows = tableBelow('ci.md', '### What is certain')
  expect(rows.map(([, within = '']) => numberIn(within.replace('a factor of ', '')).value)).toEqual([
    1.6, 1.31, 1.1, 1.06,
  ])
  for (const [index, [, , told = '']] of rows.entries()) {
    const factor = (index < 2 ? 1.6 : 1.1) ** (1 / Math.sqrt([1, 3][index % 2] as number))
    // Both ranges, and a little for what is fixed.
    expect(numberIn(told).value / factor ** 2).toBeGreaterThan(1)
    expect(numberIn(told).value / factor ** 2).toBeLessThan(1.05)
  }
})
