import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readReport } from '../../../src/core/compare/read-report.js'
import { heapproof } from '../../support/command-line.js'
import { Checkouts, RUNNERS } from './checkouts.js'
import { AFTER, suite } from './suite.js'

const SHARDS = [1, 2, 3]
const INLINE = 'test/inline.test.js'
const SNAPS = 'test/__snapshots__/parse.test.js.snap'

test.each(RUNNERS)('from a change to updated snapshots, by %s', { timeout: 240_000 }, async (runner) => {
  using project = new Checkouts()
  const cli = (...args: string[]) => heapproof(args, { cwd: project.folder })

  // A developer has snapshots, of which one line was widened by hand.
  project.write(suite(runner))
  const first = await project.run(runner)
  expect(first.code, first.output).toBe(0)
  const widened = (text: string) => text.replace(/^( +\S+ \S+)( {2}parse {2})/m, '$1 ±5000%$2')
  const written = project.read(SNAPS)
  const [little] = written.split('exports[`parses little 1`]').slice(1)
  expect(little, written).toMatch(/ {2}parse {2}src\/feed\.js:/)
  project.write({ [SNAPS]: written.replace(little as string, widened(little as string)) })
  const head = project.read(SNAPS)
  project.commit('base')

  // A change, which two snapshots and one limit notice; and a test that is new.
  const added = `test('parses more', () => {\n  expect(() => parse(700)).toMatchHeapSnapshot()\n})\n`
  project.write({
    'src/feed.js': AFTER,
    'test/parse.test.js': `${project.read('test/parse.test.js')}\n${added}`,
  })
  project.commit('head')
  for (const shard of SHARDS) {
    const args = [`--shard=${shard}/${SHARDS.length}`]
    const base = await project.job(runner, `base/${shard}`, 'HEAD~1', args)
    expect(base.code, base.output).toBe(0)
    await project.job(runner, `head/${shard}`, 'HEAD', args)
  }

  // The shards become one run: no test is lost, none is there twice.
  const shards = SHARDS.map((shard) => `artifacts/head/${shard}`)
  const merged = cli('merge', ...shards, '-o', 'merged')
  expect(merged.code, merged.stderr).toBe(0)
  const whole = readReport(join(project.folder, 'merged/report.json'))
  expect(whole.tests.map(({ name }) => name).sort()).toEqual([
    'adds up',
    'parses',
    'parses inline',
    'parses little',
    'parses more',
    'parses within its limit',
  ])
  const parts = shards.map((path) =>
    JSON.parse(readFileSync(join(project.folder, path, '.heapproof/report.json'), 'utf8')),
  )
  const sum = parts.reduce((all, { allocated }) => all + allocated, 0)
  expect(JSON.parse(readFileSync(join(project.folder, 'merged/report.json'), 'utf8')).allocated).toBe(sum)
  expect(merged.stdout).toContain('exceeded')
  expect(existsSync(join(project.folder, 'merged/index.html'))).toBe(true)
  const profile = whole.tests.find(({ name }) => name === 'parses within its limit')?.record?.profile
  expect(profile).toBe('merged/test/limit.test.js/parses-within-its-limit')
  expect(cli('top', profile as string)).toMatchObject({ code: 0, stdout: expect.stringContaining('parse') })

  // What changed is a comment on the pull request.
  for (const [base, head] of [
    ['artifacts/base', 'artifacts/head'],
    ['artifacts/base', 'merged'],
  ] as const) {
    const compared = cli('compare', base, head, '--format', 'markdown', '--fail-over', '10%')
    expect(compared.code, compared.stdout + compared.stderr).toBe(2)
    const failing = compared.stdout.split('###').find((part) => part.includes('which fails')) ?? ''
    expect(failing).toContain('parses within its limit')
    expect(compared.stdout).toContain('<code>parse</code>')
    expect(failing).not.toContain('adds up')
  }
  expect(cli('compare', 'artifacts/base', 'artifacts/base', '--fail-over', '0%').code).toBe(0)

  // What was measured there becomes part of the snapshots here.
  const update = heapproof(['snapshot', 'update', '--from-artifact', '../artifacts/head'], {
    cwd: project.main,
  })
  expect(update.code, update.stderr).toBe(0)
  expect(update.stderr).toBe('')
  expect(update.stdout, project.git('diff')).toContain(
    'Snapshots: 3 updated, 1 added, 1 unchanged, 0 skipped\n',
  )
  expect(project.git('diff', '--name-only').trim().split('\n')).toEqual([SNAPS, INLINE])
  expect(readdirSync(join(project.main, 'test/__snapshots__')).sort()).toEqual([
    'parse.test.js.snap',
    'total.test.js.snap',
  ])
  const updated = project.read(SNAPS)
  const inline = project.read(INLINE)
  expect(inline).toMatch(
    /toMatchInlineHeapSnapshot\(`\n( *)node \d+, \w+, \w+ \d+\n\1 {2}[\d. ]+MB {2}heap\n[^`]*\n *`\)\n\}\)\n$/,
  )
  expect(updated).toContain('±5000%  parse  ')
  expect(updated.split('exports[').length).toBe(head.split('exports[').length + 1)
  const old = head.split('exports[`parses little 1`]')[0] as string
  expect(updated).not.toContain(old)

  // The runner finds all as it would have written it: nothing is obsolete, and an update has nothing to do.
  const again = await project.run(runner, '-u', 'parse', 'total', 'inline')
  expect(again.code, again.output).toBe(0)
  expect(again.output).not.toMatch(
    /snapshots? (?:written|updated|removed|obsolete)|(?:written|updated|removed|obsolete)/,
  )
  expect(project.read(SNAPS)).toBe(updated)
  expect(project.read(INLINE)).toBe(inline)

  // Made to write the whole file, it changes nothing but what it adds.
  const other = `test('zzz', () => {\n  expect('text').toMatchSnapshot()\n})\n`
  project.write({ 'test/parse.test.js': `${project.read('test/parse.test.js')}\n${other}` })
  await project.run(runner, 'parse')
  expect(project.read(SNAPS)).toBe(`${updated}\nexports[\`zzz 1\`] = \`"text"\`;\n`)
})
