import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith, LIBRARY, node } from '../../support/command-line.js'

const library = JSON.stringify(LIBRARY)

// Line 3 of main.js was line 10 of src/main.ts.
const MAP = JSON.stringify({ version: 3, sources: ['src/main.ts'], names: [], mappings: ';;AASA' })
const PROGRAM = `
const kept = []
function fill() { kept.push(new ArrayBuffer(1_000_000)) }
module.exports = fill
`

/** Where the first site of a live view, or of a recording, is. */
function siteWith(sourceMapUrl: string, start: string, files: Record<string, string> = {}) {
  const main = `
    const { sites, start, takeSnapshot } = require(${library})
    ${start}
    const fill = require('./main.js')
    fill()
    const first = sites(takeSnapshot()).sites[0]
    fill()
    const second = sites(takeSnapshot()).sites[0]
    console.log(JSON.stringify([first, second]))`
  const script = `${PROGRAM}//# sourceMappingURL=${sourceMapUrl}\n`
  const cwd = folderWith({ 'start.js': main, 'main.js': script, ...files })
  const { code, stdout, stderr } = node(['start.js'], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const [first, second] = JSON.parse(stdout)
  expect([first.live, second.live]).toEqual([1_000_000, 2_000_000])
  expect(second).toMatchObject({ function: first.function, file: first.file, line: first.line })
  return { cwd, ...first }
}

const EXACT = "{ samplingInterval: 1, domains: ['arrayBuffer'] }"

test.each([
  ['a live view', `start(${EXACT})`],
  ['a recording', `start('run', ${EXACT})`],
])('%s shows the line in the source, by a map beside the script', (_, start) => {
  const site = siteWith('main.js.map', start, { 'main.js.map': MAP })
  expect(site).toMatchObject({ function: 'fill', file: join(site.cwd, 'src/main.ts'), line: 10 })
})

test('by a map that the script carries', () => {
  const site = siteWith(
    `data:application/json;base64,${Buffer.from(MAP).toString('base64')}`,
    `start(${EXACT})`,
  )
  expect(site).toMatchObject({ function: 'fill', file: join(site.cwd, 'src/main.ts'), line: 10 })
})

test.each([
  ['no file', {}],
  ['no map', { 'main.js.map': '{"version":' }],
])('a map that is %s leaves the line of the code that runs', (_, files) => {
  const site = siteWith('main.js.map', `start(${EXACT})`, files as Record<string, string>)
  expect(site).toMatchObject({ function: 'fill', file: join(site.cwd, 'main.js'), line: 3 })
})
