import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { exportProfile } from '../../src/core/export/export-profile.js'
import { read } from '../../src/core/reader.js'
import { ALLOCATING, CLI, folderWith, heapproof } from '../support/command-line.js'
import { FEED } from '../support/feed.js'

const docs = join(dirname(dirname(CLI)), 'docs')
const pageOf = (name: string) => readFileSync(join(docs, name), 'utf8')

/** A folder in which all commands of the pages work: profiles, a program, and what two runs of a suite left. */
function everything(): string {
  const cwd = folderWith()
  const runs = fileURLToPath(new URL('../fixtures/runs', import.meta.url))
  cpSync(join(runs, 'project'), cwd, { recursive: true })
  for (const run of ['base', 'head'])
    cpSync(join(runs, run), join(cwd, 'artifacts', run), { recursive: true })
  const kept = JSON.parse(readFileSync(join(runs, 'head/report.json'), 'utf8')).tests.flatMap(
    (found: { record: { profile?: string } | null }) =>
      found.record?.profile?.replace('.heapproof/', 'artifacts/head/') ?? [],
  )
  for (const base of ['feed', 'profiles/build', 'profiles/build.t1', 'profiles/build.p4711', ...kept]) {
    mkdirSync(dirname(join(cwd, base)), { recursive: true })
    for (const extension of ['hpm', 'hpd'])
      copyFileSync(`${FEED}.${extension}`, join(cwd, `${base}.${extension}`))
  }
  mkdirSync(join(cwd, 'scripts'))
  for (const program of ['scripts/build.js', 'main.js']) writeFileSync(join(cwd, program), ALLOCATING)
  return cwd
}

/** Commands of the pages that have below them what they print. */
const samples = readdirSync(docs)
  .filter((name) => name.endsWith('.md'))
  .flatMap((page) => {
    const blocks = pageOf(page).matchAll(/^```\n(\$ [\s\S]*?)^```$/gm)
    return [...blocks].flatMap(([, block = '']) =>
      block.split(/^\$ /m).flatMap((sample) => {
        const [line = '', ...printed] = sample.trimEnd().split('\n')
        const [, command] = /^npx heapproof (.*[^\\])$/.exec(line) ?? []
        return command === undefined || printed.length === 0 ? [] : [{ page, command, printed }]
      }),
    )
  })

test('there are samples', () => {
  expect(samples.length).toBeGreaterThan(7)
})

test.each(samples)('$page: heapproof $command', ({ command, printed }) => {
  const { stdout, stderr } = heapproof(command.split(' '), { cwd: everything() })
  // Where the program of the recording was, is where its reader was.
  const output = `${stdout}${stderr}`.replaceAll('/srv/feed/', '').trim()
  expect(output).toBe(printed.join('\n'))
})

test('the report of a run is what `heapproof merge` prints of it', () => {
  const { stdout } = heapproof(['merge', 'artifacts/head', '-o', '.heapproof'], { cwd: everything() })
  expect(pageOf('report.md')).toContain(`\`\`\`${stdout}\`\`\`\n`)
})

test('the heap snapshot is the one that was stored', () => {
  const stored = readFileSync(join(everything(), 'test/__snapshots__/feed.test.js.snap'), 'utf8')
  expect(pageOf('snapshots.md')).toContain(stored.slice(stored.indexOf('exports[')))
})

// The page is of Node 20: later ones read the example's files without a Buffer, and the table has columns less.
const isNodeOfPages = process.version.startsWith('v20.')
test.runIf(isNodeOfPages)('the sizes that an example allocates, numbers and rows of the table aside', () => {
  const cwd = folderWith()
  cpSync(join(dirname(docs), 'examples/cli-flamegraph'), cwd, { recursive: true })
  const { stderr } = heapproof(['run', '--mode', 'stats', '--', 'src/build.js'], { cwd })
  const text = pageOf('sampling.md')
  const from = text.indexOf('    HEAP USAGE')
  const rows = (lines: string) =>
    lines
      .replaceAll(/^ *\d+ - \d.*\n|^-+\n/gm, '')
      .replaceAll(/\{\d[^}]*\}/g, '{ ... }')
      .replaceAll(/\d[\d.,]*/g, '#')
      .replaceAll(/[ \n]+/g, ' ')
      .trim()
  expect(rows(stderr)).toBe(rows(text.slice(from, text.indexOf('\n\n', text.indexOf('about 10,000')))))
})

test('the page of a flame graph is small beside the report page', () => {
  const cwd = everything()
  heapproof(['flame', 'feed', '-o', 'flame.html'], { cwd })
  heapproof(['report', 'feed', '-o', 'report.html'], { cwd })
  const [flame, report] = ['flame.html', 'report.html'].map((name) => statSync(join(cwd, name)).size)
  // "some 30 kB", "100 kB and more"
  expect([Math.round((flame as number) / 10_000), (report as number) > 100_000]).toEqual([3, true])
})

/** The block of JSON in a page that has this text in it. */
function jsonIn(page: string, text: string): Record<string, unknown> {
  const blocks = [...pageOf(page).matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, block]) => block as string)
  return JSON.parse(blocks.find((block) => block.includes(text)) as string)
}

test('the JSON of `heapproof top`', () => {
  const { stdout } = heapproof(['top', 'profiles/build', '--json', '-n', '1'], { cwd: everything() })
  expect(jsonIn('command-line.md', 'sites')).toEqual(JSON.parse(stdout))
})

/** Names and kinds of what is in it, of lists that of the first. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]))
}

test('the JSON of an export has the fields that the page shows', async () => {
  using reader = read(FEED)
  const chunks: Uint8Array[] = []
  for await (const chunk of exportProfile(reader, 'json')) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const { headers, ...rest } = jsonIn('export.md', 'truncated')
  const { headers: written, ...others } = JSON.parse(text)
  expect(shapeOf(rest)).toEqual(shapeOf(others))
  expect(written[0]).toMatchObject(
    Object.fromEntries(
      Object.keys((headers as object[])[0] as object).map((name) => [name, written[0][name]]),
    ),
  )
})

test('the JSON of a report has the fields that the page shows', () => {
  const shown = jsonIn('report.md', 'heapproof-report')
  const written = JSON.parse(readFileSync(join(everything(), 'artifacts/head/report.json'), 'utf8'))
  const [{ record: _, ...shownTest }] = shown.tests as [{ record: unknown }]
  const [{ record: __, ...writtenTest }] = written.tests
  expect(shapeOf({ ...shown, tests: [shownTest] })).toEqual(shapeOf({ ...written, tests: [writtenTest] }))
})
