// yaml, papaparse, JSON, commander, lodash: strings and small objects.
const { Command } = require('commander')
const lodash = require('lodash')
const Papa = require('papaparse')
const yaml = require('yaml')

const rows = (count) =>
  Array.from({ length: count }, (_, i) => ({ id: i, name: `row ${i}`, tags: ['a', `t${i % 7}`] }))

test('YAML there and back', () => {
  expect(yaml.parse(yaml.stringify(rows(400)))).toEqual(rows(400))
})

test('JSON there and back', () => {
  expect(JSON.parse(JSON.stringify(rows(20_000)))).toHaveLength(20_000)
})

test('a large CSV', () => {
  const text = Papa.unparse(rows(5000).map(({ id, name }) => ({ id, name })))
  expect(Papa.parse(text, { header: true }).data).toHaveLength(5000)
})

test('a CSV in steps', async () => {
  const text = 'a;b;c\n'.repeat(20_000)
  let seen = 0
  await new Promise((resolve) => Papa.parse(text, { step: () => seen++, complete: resolve }))
  expect(seen).toBe(20_001)
})

test('a command line', () => {
  const program = new Command()
    .exitOverride()
    .option('-n, --number <n>', 'a number', Number)
    .argument('<files...>')
  program.parse(['-n', '5', 'one', 'two'], { from: 'user' })
  expect(program.opts()).toEqual({ number: 5 })
  expect(program.args).toEqual(['one', 'two'])
})

test('clones and groups', () => {
  const copy = lodash.cloneDeep(rows(3000))
  expect(Object.keys(lodash.groupBy(copy, 'tags[1]'))).toHaveLength(7)
})

test('words of a text', () => {
  const counts = new Map()
  const text = Array.from({ length: 100_000 }, (_, i) => `w${(i * i) % 997}`).join(' ')
  for (const [word] of text.matchAll(/\w+/g)) counts.set(word, (counts.get(word) ?? 0) + 1)
  expect(counts.size).toBeGreaterThan(100)
})
