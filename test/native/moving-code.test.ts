import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { folderWith, LIBRARY, node } from '../support/command-line.js'

const FUNCTIONS = 24
/** Of each function, for each that is compiled from it on. */
const CALLS = 50
/** Map, properties, elements and eight fields. */
const BYTES = 88

/** Compiles a function in each round, on a line of its own, and calls all there are; collections of both kinds between. */
const PROGRAM = `
const { start, stop } = require(${JSON.stringify(LIBRARY)})
const { runInThisContext } = require('node:vm')
start('run', { samplingInterval: 64, domains: ['heap'] })
const functions = []
const kept = []
for (let round = 0; round < ${FUNCTIONS}; round++) {
  const code = '\\n'.repeat(round) + '(function f' + round + '() { return { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8 } })'
  functions.push(runInThisContext(code, { filename: '/made/code.js' }))
  for (const each of functions) for (let i = 0; i < ${CALLS}; i++) kept[i] = each()
  const survivors = []
  for (let i = 0; i < 5_000; i++) survivors.push([i])
  gc({ type: 'minor' })
  if (round % 4 === 3) gc()
}
stop()`

test.each([
  ['interpreted', ['--no-sparkplug', '--no-maglev', '--no-opt']],
  ['as V8 compiles it', []],
])('code keeps its lines while collections move it and code is added between them: %s', (_, flags) => {
  const cwd = folderWith({ 'main.js': PROGRAM })
  const finished = node(['--expose-gc', '--compact-on-every-full-gc', ...flags, 'main.js'], { cwd })
  expect(finished).toMatchObject({ code: 0, stderr: '' })
  using reader = read(join(cwd, 'run'))
  const bytes = new Map<string, number>()
  for (const event of reader.events()) {
    if (event.kind !== 'alloc') continue
    const [leaf] = reader.trace(event.trace).frames
    // The scripts that the functions are made by are nameless.
    if (leaf?.file !== '/made/code.js' || leaf.function === '(anonymous)') continue
    const place = `${leaf.function}:${leaf.line}`
    bytes.set(place, (bytes.get(place) ?? 0) + event.size * event.scale)
  }
  const places = Array.from({ length: FUNCTIONS }, (_, round) => `f${round}:${round + 1}`)
  expect([...bytes.keys()].sort()).toEqual(places.sort())
  // 50 objects of a chance of 3 in 4 are the fewest: 8.2 % standard error, six of them. Shapes and models come on top once.
  const shares = places.map((place) => {
    const calls = (FUNCTIONS - Number(/\d+/.exec(place))) * CALLS
    return (bytes.get(place) as number) / (calls * BYTES)
  })
  expect(Math.min(...shares)).toBeGreaterThan(0.5)
})
