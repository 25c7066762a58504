import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readReport } from '../../../src/core/compare/read-report.js'
import { mergeRuns } from '../../../src/core/merge/merge-runs.js'
import type { TestOutcome } from '../../../src/core/report/outcome.js'
import { folderWith } from '../../support/command-line.js'
import { ENVIRONMENT, writeReport } from '../compare/reports.js'
import { outcome, site } from '../report/outcomes.js'

const MB = 1_000_000

function of(
  file: string,
  name: string,
  allocated: number,
  more: Partial<TestOutcome> = {},
  profile?: string,
): TestOutcome {
  const sites = [site({ self: allocated })]
  return outcome(
    name,
    { allocated, sites, samplingInterval: 1024, profile },
    { file: `test/${file}.test.ts`, ...more },
  )
}

/** Puts a file there, with folders. */
function put(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
}

test('joins shards: every test once, sums, page, profiles, measurements for snapshots', () => {
  const folder = folderWith()
  for (const [index, file] of ['a', 'b', 'c'].entries()) {
    const home = join(folder, `shard-${index}`, '.heapproof')
    const failing = of(file, 'fails', 2 * MB, { state: 'failed' }, `.heapproof/test/${file}.test.ts/fails`)
    writeReport(home, [of(file, 'works', MB), failing])
    for (const extension of ['hpm', 'hpd'])
      put(join(home, 'test', `${file}.test.ts`, `fails.${extension}`), file)
    put(join(home, 'test', `${file}.test.ts`, 'other.hpm'), 'of no test')
    put(join(home, 'snapshots/test', `${file}.test.ts.jsonl`), `{"of":"${file}"}\n`)
  }
  const out = join(folder, '.heapproof')
  const merged = mergeRuns(
    [0, 1, 2].map((index) => join(folder, `shard-${index}`)),
    out,
  )
  expect(merged).toMatchObject({ reports: 3, doubled: 0, profiles: 3 })
  const report = readReport(join(out, 'report.json'))
  expect(report.tests.map(({ file, name }) => `${file} ${name}`)).toEqual(
    ['a', 'b', 'c'].flatMap((file) => [`test/${file}.test.ts works`, `test/${file}.test.ts fails`]),
  )
  expect(report.environment).toEqual(ENVIRONMENT)
  const written = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
  expect(written.allocated).toBe(9 * MB)
  expect(written.lines).toMatchObject([{ function: 'parseRow', self: 9 * MB, tests: 6 }])
  expect(report.tests[1]?.record?.profile).toBe('.heapproof/test/a.test.ts/fails')
  expect(readdirSync(out, { recursive: true }).sort()).toEqual(
    [
      '.gitignore',
      'index.html',
      'report.json',
      'snapshots',
      'snapshots/test',
      'test',
      ...['a', 'b', 'c'].flatMap((file) => [
        `snapshots/test/${file}.test.ts.jsonl`,
        `test/${file}.test.ts`,
        `test/${file}.test.ts/fails.hpd`,
        `test/${file}.test.ts/fails.hpm`,
      ]),
    ].sort(),
  )
  expect(readFileSync(join(out, 'index.html'), 'utf8')).toContain(' .heapproof/test/b.test.ts/fails</code>')
})

test('merged again, or as one, a run stays as it is', () => {
  const folder = folderWith()
  writeReport(join(folder, 'a'), [of('a', 'works', MB), outcome('in a browser', null)])
  mergeRuns([join(folder, 'a')], join(folder, 'one'))
  mergeRuns([join(folder, 'one')], join(folder, 'two'))
  const tests = (name: string) => readReport(join(folder, name, 'report.json')).tests
  expect(tests('one')).toEqual(tests('a'))
  expect(tests('two')).toEqual(tests('a'))
})

test('of a test that ran in several shards the latest counts, and what ran before what was skipped', () => {
  const folder = folderWith()
  const skipped = { state: 'skipped' } as const
  writeReport(join(folder, 'first'), [
    of('a', 'again', MB),
    of('a', 'each', MB),
    of('a', 'each', 2 * MB),
    of('a', 'x', MB),
  ])
  writeReport(join(folder, 'second'), [
    of('a', 'again', 3 * MB),
    outcome('x', null, { file: 'test/a.test.ts', ...skipped }),
  ])
  // The order of the directories is not that of the runs.
  const merged = mergeRuns([join(folder, 'second'), join(folder, 'first')], join(folder, 'out'))
  expect(merged.doubled).toBe(1)
  expect(merged.tests.map(({ name, record }) => [name, record?.allocated])).toEqual([
    ['again', 3 * MB],
    ['each', MB],
    ['each', 2 * MB],
    ['x', MB],
  ])
})

test('finds profiles where an upload put them', () => {
  const layouts: Record<string, [report: string, profile: string]> = {
    'of the folder itself': ['report.json', 'test/a.test.ts/fails'],
    'of the project': ['.heapproof/report.json', '.heapproof/test/a.test.ts/fails'],
    'of two paths': ['reports/memory.json', '.heapproof/test/a.test.ts/fails'],
  }
  for (const [name, [report, profile]] of Object.entries(layouts)) {
    const folder = folderWith()
    const test = of('a', 'fails', MB, { state: 'failed' }, '.heapproof/test/a.test.ts/fails')
    writeReport(join(folder, 'in'), [test], ENVIRONMENT, report)
    put(join(folder, 'in', `${profile}.hpm`), 'here')
    mergeRuns([join(folder, 'in')], join(folder, 'merged'))
    expect(readFileSync(join(folder, 'merged/test/a.test.ts/fails.hpm'), 'utf8'), name).toBe('here')
    expect(readReport(join(folder, 'merged/report.json')).tests[0]?.record?.profile, name).toBe(
      'merged/test/a.test.ts/fails',
    )
  }
})

test('copies nothing from outside of the directories, whatever a report says', () => {
  const folder = folderWith({ 'secret.hpm': 'secret' })
  for (const [index, profile] of [
    '../secret',
    '../../secret',
    join(folder, 'secret'),
    '.heapproof/link',
    '.heapproof/dir/secret',
  ].entries()) {
    const home = join(folder, `in-${index}`, '.heapproof')
    writeReport(home, [of('a', 'fails', MB, { state: 'failed' }, profile)])
    symlinkSync(join(folder, 'secret.hpm'), join(home, 'link.hpm'))
    symlinkSync(folder, join(home, 'dir'), 'junction')
    const out = join(folder, `out-${index}`)
    expect(mergeRuns([join(folder, `in-${index}`)], out).profiles, profile).toBe(0)
    expect(readdirSync(out).sort(), profile).toEqual(['.gitignore', 'index.html', 'report.json'])
  }
})

test('refuses what would make a muddle', () => {
  const folder = folderWith({ file: '' })
  writeReport(join(folder, 'a/deep'), [of('a', 'works', MB)])
  writeReport(join(folder, 'b'), [of('b', 'works', MB)], { ...ENVIRONMENT, node: '20.19.4' })
  const [a, b, out] = [join(folder, 'a'), join(folder, 'b'), join(folder, 'out')]
  for (const [directories, to, message] of [
    [[a, a], out, `${a} is named twice`],
    [[a], a, `${a}: is one of the directories that are to be merged`],
    [[a], join(a, 'x'), `${a}/x: lies in ${a}, which is to be merged`],
    [[a], folder, `${folder}: has ${a} in it, which is to be merged`],
    [[join(folder, 'c')], out, `${folder}/c: there is no such directory`],
    [[a], join(folder, 'file'), `${folder}/file: cannot be written: `],
    [
      [a, b],
      out,
      `${b}/report.json: expected a run in Node 24 on linux x64, vitest 4, heapproof 0.1.0, as ${a}/deep/report.json is, ` +
        'received one in Node 20 on linux x64, vitest 4, heapproof 0.1.0; merge the runs of each environment apart',
    ],
  ] as const) {
    expect(() => mergeRuns(directories, to)).toThrow(message)
  }
  expect(existsSync(out)).toBe(false)
})

test('a copy of a shard in another directory counts once', () => {
  const folder = folderWith()
  writeReport(join(folder, 'a'), [of('a', 'works', MB)])
  cpSync(join(folder, 'a'), join(folder, 'copy'), { recursive: true })
  const merged = mergeRuns([join(folder, 'a'), join(folder, 'copy')], join(folder, 'out'))
  expect(merged.summary.allocated).toBe(MB)
})
