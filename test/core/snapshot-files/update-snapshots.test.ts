import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { LoggedSnapshot } from '../../../src/core/snapshot/log.js'
import { updateSnapshots } from '../../../src/core/snapshot-files/update-snapshots.js'
import { folderWith } from '../../support/command-line.js'
import { FEED, FEED_TEXT } from '../snapshot/digests.js'

const SNAP = '__snapshots__/a.test.ts.snap'
const HEADER = '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html'

function logged(more: Partial<LoggedSnapshot> = {}): LoggedSnapshot {
  const key = more.key ?? 'imports 1'
  const common = { version: 1, testFile: 'a.test.ts', test: 'imports', snapshotFile: SNAP, key } as const
  return { ...common, outcome: 'grew', block: FEED_TEXT, digest: FEED, ...more }
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** A project with a test file, and what a run left. */
function projectWith(files: Readonly<Record<string, string>>, logs: readonly LoggedSnapshot[]) {
  const folder = folderWith()
  const [root, artifact] = [join(folder, 'project'), join(folder, 'artifact')]
  for (const [name, text] of Object.entries({ 'a.test.ts': '', ...files })) put(join(root, name), text)
  put(
    join(artifact, '.heapproof/snapshots/a.test.ts.jsonl'),
    logs.map((each) => `${JSON.stringify(each)}\n`).join(''),
  )
  return { root, artifact, read: (name: string) => readFileSync(join(root, name), 'utf8') }
}

const snapOf = (entries: Readonly<Record<string, string>>) =>
  `${[HEADER, ...Object.entries(entries).map(([key, text]) => `exports[\`${key}\`] = \`\n${text}\n\`;`)].join('\n\n')}\n`

test('puts in what a run measured, and nothing else', () => {
  const old = FEED_TEXT.replace('4.5 MB', '2.2 MB').replace('7.21 MB', '4.95 MB')
  const other = old.replace('node 22', 'node 24')
  const { root, artifact, read } = projectWith(
    { [SNAP]: snapOf({ 'exports 1': old, 'imports 1': `${old}\n\n${other}`, 'imports 2': old }) },
    [
      logged(),
      logged({ key: 'imports 2', outcome: 'same', block: old }),
      logged({ key: 'new 1', outcome: 'new' }),
    ],
  )
  expect(updateSnapshots(artifact, { root, dryRun: true })).toHaveLength(3)
  expect(read(SNAP)).toContain('2.2 MB')
  expect(updateSnapshots(artifact, { root })).toEqual([
    { file: SNAP, key: 'imports 1', outcome: 'updated', reason: '' },
    { file: SNAP, key: 'imports 2', outcome: 'unchanged', reason: '' },
    { file: SNAP, key: 'new 1', outcome: 'added', reason: '' },
  ])
  expect(read(SNAP)).toBe(
    snapOf({
      'exports 1': old,
      'imports 1': `${FEED_TEXT}\n\n${other}`,
      'imports 2': old,
      'new 1': FEED_TEXT,
    }),
  )
  expect(updateSnapshots(artifact, { root }).map(({ outcome }) => outcome)).toEqual([
    'unchanged',
    'unchanged',
    'unchanged',
  ])
})

test('what was allowed by hand stays, and so does a line that it covers', () => {
  const old = FEED_TEXT.replace('4.5 MB  parse', '2.2 MB ±25%  parse').replace(
    '2.7 MB  add',
    '2.5 MB +-20%  add',
  )
  const { root, artifact, read } = projectWith({ [SNAP]: snapOf({ 'imports 1': old }) }, [logged()])
  updateSnapshots(artifact, { root })
  expect(read(SNAP)).toBe(
    snapOf({
      'imports 1': FEED_TEXT.replace('4.5 MB', '4.5 MB ±25%').replace('2.7 MB  add', '2.5 MB +-20%  add'),
    }),
  )
})

test('joins shards and several Nodes', () => {
  const { root, artifact, read } = projectWith({ 'b.test.ts': '' }, [logged({ outcome: 'new' })])
  const b = logged({ testFile: 'b.test.ts', snapshotFile: '__snapshots__/b.test.ts.snap', outcome: 'new' })
  const on24 = logged({ outcome: 'new', block: FEED_TEXT.replace('node 22', 'node 24') })
  put(join(artifact, 'shard-2/.heapproof/snapshots/b.test.ts.jsonl'), `${JSON.stringify(b)}\n`)
  put(join(artifact, 'node-24/snapshots/a.test.ts.jsonl'), `${JSON.stringify(on24)}\n`)
  updateSnapshots(artifact, { root })
  expect(read(SNAP)).toBe(
    snapOf({ 'imports 1': `${FEED_TEXT}\n\n${FEED_TEXT.replace('node 22', 'node 24')}` }),
  )
  expect(read('__snapshots__/b.test.ts.snap')).toBe(snapOf({ 'imports 1': FEED_TEXT }))
})

test('writes inline snapshots, several in one file, from wherever they were', () => {
  const call = (text: string) => `  expect(f).toMatchInlineHeapSnapshot(${text})\n`
  const source = `test('imports', () => {\n${call('')}${call('`\n    old\n  `')}})\n`
  const at = (line: number) => logged({ snapshotFile: 'a.test.ts', inline: { line, column: 13 } })
  const text = `\`\n${FEED_TEXT.replace(/^/gm, '    ')}\n  \``
  const { root, artifact, read } = projectWith(
    { 'a.test.ts': source.replace('old', FEED_TEXT.replace('4.5', '2.2').replace(/^/gm, '    ').trim()) },
    [{ ...at(2), outcome: 'new' }, at(3), at(9)],
  )
  // Line 3 moves when line 2 grows: later places are written first.
  put(join(root, 'a.test.ts'), `test('imports', () => {\n${call('')}${call('`node 22, x64, vitest 4`')}})\n`)
  expect(updateSnapshots(artifact, { root }).map(({ outcome, reason }) => [outcome, reason])).toEqual([
    [
      'skipped',
      'a.test.ts:9:13: expected a call of toMatchInlineHeapSnapshot, as where the run took place, found something else',
    ],
    ['updated', ''],
    ['added', ''],
  ])
  expect(read('a.test.ts')).toBe(`test('imports', () => {\n${call(text)}${call(text)}})\n`)
})

test('follows no path out of the project, and writes nothing that is no snapshot', () => {
  const folder = folderWith({ 'outside.snap': 'outside' })
  const files = { 'a.ts': 'toMatchInlineHeapSnapshot()', 'package.json': '{}', 'node_modules/x/a.snap': '' }
  const cases: [Partial<LoggedSnapshot>, string][] = [
    [{ snapshotFile: '../outside.snap' }, 'it lies outside of the project'],
    [{ snapshotFile: join(folder, 'outside.snap') }, 'it lies outside of the project'],
    [{ snapshotFile: 'link/outside.snap' }, 'it lies outside of the project'],
    [{ snapshotFile: 'link/new/outside.snap' }, 'it lies outside of the project'],
    [{ snapshotFile: 'package.json' }, 'it is no file that snapshots are kept in'],
    [
      { snapshotFile: 'package.json', inline: { line: 1, column: 1 } },
      'it is no file that snapshots are kept in',
    ],
    [{ snapshotFile: 'node_modules/x/a.snap' }, 'it is no file of the project'],
    [{ snapshotFile: '.git/hooks/a.snap' }, 'it is no file of the project'],
    [{ testFile: 'gone.test.ts' }, 'its test file gone.test.ts is not here'],
    [{ testFile: '../../../../etc/passwd' }, 'it lies outside of the project'],
    [{ outcome: 'not-comparable' }, 'the stored one is of another environment'],
  ]
  for (const [more, reason] of cases) {
    const { root, artifact } = projectWith(files, [logged(more)])
    symlinkSync(folder, join(root, 'link'), 'junction')
    expect(updateSnapshots(artifact, { root }), JSON.stringify(more)).toMatchObject([
      { outcome: 'skipped', reason },
    ])
    expect(existsSync(join(root, '__snapshots__'))).toBe(false)
  }
  expect(readFileSync(join(folder, 'outside.snap'), 'utf8')).toBe('outside')
})

test('finds the project of a repository with several', () => {
  const { root, artifact, read } = projectWith({ 'packages/b/b.test.ts': '' }, [])
  const b = logged({ testFile: 'b.test.ts', snapshotFile: 'b.snap', outcome: 'new' })
  put(join(artifact, 'packages/b/.heapproof/snapshots/b.test.ts.jsonl'), `${JSON.stringify(b)}\n`)
  expect(updateSnapshots(artifact, { root })).toMatchObject([{ file: 'packages/b/b.snap', outcome: 'added' }])
  expect(read('packages/b/b.snap')).toBe(snapOf({ 'imports 1': FEED_TEXT }))
})

test('writes nothing at all when anything is damaged', () => {
  const { root, artifact, read } = projectWith(
    { 'b.test.ts': '', '__snapshots__/b.test.ts.snap': 'mangled' },
    [
      logged({ outcome: 'new' }),
      logged({ outcome: 'new', testFile: 'b.test.ts', snapshotFile: '__snapshots__/b.test.ts.snap' }),
    ],
  )
  expect(() => updateSnapshots(artifact, { root })).toThrow('b.test.ts.snap, line 1: expected exports')
  expect(existsSync(join(root, SNAP))).toBe(false)
  expect(read('__snapshots__/b.test.ts.snap')).toBe('mangled')
  const bad = projectWith({}, [logged({ block: 'no block' })])
  expect(() => updateSnapshots(bad.artifact, { root: bad.root })).toThrow(
    'what was measured, line 1: expected',
  )
})

test('says when there is nothing to apply', () => {
  const folder = folderWith({ 'report.json': '{}' })
  expect(() => updateSnapshots(join(folder, 'nowhere'))).toThrow('nowhere: there is no such directory')
  expect(() => updateSnapshots(folder)).toThrow('nothing below it that tests measured for heap snapshots')
  expect(() => updateSnapshots(folder, { rot: '.' } as never)).toThrow('did you mean "root"?')
})
