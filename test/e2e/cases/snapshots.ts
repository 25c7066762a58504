import { expect } from 'vitest'
import type { LoggedSnapshot } from '../../../src/core/snapshot/log.js'

/** A project of a runner in which heapproof is installed. */
export interface SnapshotProject {
  /** What blocks of this environment begin with. */
  readonly environment: string
  /** Whether inline snapshots can be written here. */
  readonly inline: boolean
  read(path: string): string
  write(path: string, text: string): void
  /** Runs all tests. `mode`: as with `--ci`, as by default, as with `-u`. */
  run(mode: 'ci' | 'new' | 'update', env?: Readonly<Record<string, string>>): Promise<SnapshotRun>
}

export interface SnapshotRun {
  readonly code: number | null
  /** All that it printed. */
  readonly output: string
  readonly tests: ReadonlyMap<string, { readonly status: string; readonly message: string }>
}

/** Where the runner keeps the snapshots of {@link TESTS}. */
export const SNAPSHOTS = '__snapshots__/heap.test.js.snap'
const LOG = '.heapproof/snapshots/heap.test.js.jsonl'

/** Bytes are those of buffers, which are the same everywhere. */
export const WORK = `
function fill(count, size = 10_000) {
  const all = []
  for (let i = 0; i < count; i++) all.push(Buffer.alloc(size))
  return all
}
function renamed(count) {
  const all = []
  for (let i = 0; i < count; i++) all.push(Buffer.alloc(10_000))
  return all
}
function copy(count) {
  const all = []
  for (let i = 0; i < count; i++) all.push(new ArrayBuffer(10_000))
  return all
}
`

const INLINE = `
test('inline', () => {
  expect(() => fill(50 * factor('INLINE'))).toMatchInlineHeapSnapshot()
  expect(() => fill(20)).toMatchInlineHeapSnapshot({ tolerance: '50%' })
})
`

/** A test file, after a line that imports \`fill\`, \`renamed\` and \`copy\`. */
export const testFile = (inline: boolean): string => `
const factor = (name) => Number(process.env[name] ?? 1)

test('grows', () => {
  expect(() => {
    fill(100 * factor('GROW'))
    copy(50)
  }).toMatchHeapSnapshot()
})

test('later', async () => {
  const work = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2))
    return (process.env.RENAME ? renamed : fill)(80)
  }
  await expect(work).toMatchHeapSnapshot('a hint')
  await expect(work).toMatchHeapSnapshot('a hint', { sample: false })
})

test('shrinks', () => {
  expect(() => fill(100 * factor('SHRINK'))).toMatchHeapSnapshot()
})

test('shrinks, and may not', () => {
  expect(() => fill(100 * factor('SHRINK'))).toMatchHeapSnapshot({ ratchet: true })
})
${inline ? INLINE : ''}
test('unwanted', () => {
  if (!process.env.DROP) expect(() => fill(10)).toMatchHeapSnapshot()
})
`

/** What both runners promise, in the order of somebody's weeks. */
export async function expectSnapshots(project: SnapshotProject): Promise<void> {
  const { environment, inline } = project
  const stored = () => project.read(SNAPSHOTS)
  const source = () => project.read('heap.test.js')
  const logged = () => {
    const lines = project.read(LOG).trimEnd().split('\n')
    return new Map(lines.map((line) => JSON.parse(line) as LoggedSnapshot).map((each) => [each.key, each]))
  }
  const key = (name: string) => [...logged().keys()].find((each) => each.startsWith(name)) ?? name
  /** The text of a snapshot, without those of the heap: they depend on V8. */
  const buffersOf = (name: string, text = stored()) =>
    (text.split('exports[`').find((entry) => entry.startsWith(name)) ?? '')
      .split('\n')
      .filter((line) => line.includes('buffer'))
  const failed = ({ tests, output }: SnapshotRun, name: string) => {
    expect(tests.get(name)?.status, `${name}\n${output}`).toBe('failed')
    return tests.get(name)?.message ?? ''
  }
  const passes = (run: SnapshotRun, ...but: string[]) => {
    const others = [...run.tests].filter(([, { status }]) => status !== 'passed').map(([name]) => name)
    expect(others.sort(), run.output).toEqual(but.sort())
  }
  const snapshots = inline ? 8 : 6

  // As with --ci nothing is written, and what would be is said; and the log has it.
  let run = await project.run('ci')
  expect(failed(run, 'grows')).toContain('is not stored yet, and this run writes none')
  expect(failed(run, 'grows')).toContain('1 MB  fill  work.js:4  (array buffer)')
  expect(() => stored()).toThrow()
  expect(logged().get(key('grows'))?.outcome).toBe('new')

  // The first run writes.
  const before = source()
  run = await project.run('new')
  passes(run)
  expect(run.output).toContain(`${snapshots} `)
  expect(buffersOf('grows')).toEqual([
    '   1.5 MB  array buffers',
    '     1 MB  fill  work.js:4  (array buffer)',
    '   500 kB  copy  work.js:14  (array buffer)',
  ])
  expect(stored()).toContain(`exports[\`grows 1\`] = \`\n${environment}\n`)
  expect(buffersOf('later', stored().split('a hint 2')[1])).toEqual([])
  expect(stored().split('a hint 2')[1]?.split('`;')[0]).not.toContain('elsewhere')
  expect(source() === before).toBe(!inline)
  if (inline) {
    expect(source()).toMatch(/toMatchInlineHeapSnapshot\(\s*`\s*node \d+, /)
    expect(source()).toMatch(/toMatchInlineHeapSnapshot\(\{ tolerance: '50%' \}, `\s*node \d+, /)
    expect(source()).toContain('500 kB  fill  work.js:4  (array buffer)')
  }
  const position = logged().get(key('inline'))?.inline
  if (inline) expect(before.split('\n')[(position?.line ?? 0) - 1]).toContain('toMatchInlineHeapSnapshot')

  // A little more, and lines that moved: nothing changes, not even with -u.
  project.write('work.js', `// one\n// two\n${project.read('work.js')}`)
  const [first, firstSource] = [stored(), source()]
  run = await project.run('update', { GROW: '1.05', INLINE: '1.05' })
  passes(run)
  expect([stored(), source()]).toEqual([first, firstSource])

  // Much more fails, with the function that grew; less is only told, unless it ratchets.
  run = await project.run('new', { GROW: '1.4', SHRINK: '0.5', INLINE: '1.4' })
  passes(run, 'grows', 'shrinks, and may not', ...(inline ? ['inline'] : []))
  const grown = failed(run, 'grows')
  expect(grown).toMatch(/array buffers +1\.5 MB +1\.9 MB +\+27 % +grew; ±\d+ kB is allowed/)
  expect(grown).toMatch(/ 1 MB +1\.4 MB +\+40 % +fill +work\.js:4 \(array buffer\)/)
  expect(grown).not.toContain('copy')
  expect(grown).toContain('run again with -u')
  expect(failed(run, 'shrinks, and may not')).toContain('Less is allocated than is stored')
  expect([stored(), source()]).toEqual([first, firstSource])
  const outcomes = ['grows', 'shrinks 1', 'later'].map((name) => logged().get(key(name))?.outcome)
  expect(outcomes).toEqual(['grew', 'smaller', 'same'])
  expect(logged().get(key('grows'))?.block).toContain('1.4 MB  fill  work.js:6  (array buffer)')

  // What somebody allows by hand is allowed, and another environment lives in the same snapshot.
  const elsewhere = 'node 4, arm64, jest 2\n    99 MB  heap\n      0 B  array buffers'
  const edited = first
    .replace(/(?<=exports\[`grows 1`\] = `\n.*\n.*B)(?= {2}heap)/, ' ±300%')
    .replace('1.5 MB  array buffers', '1.5 MB +-60%  array buffers')
    .replace('     1 MB  fill', '     1 MB ±60%  fill')
    .replace('exports[`grows 1`] = `\n', `exports[\`grows 1\`] = \`\n${elsewhere}\n\n`)
  project.write(SNAPSHOTS, edited)
  run = await project.run('ci', { GROW: '1.4' })
  passes(run)
  expect(stored()).toBe(edited)

  // A renamed function fails, and the message says so.
  run = await project.run('ci', { RENAME: '1' })
  passes(run, 'later')
  expect(failed(run, 'later')).toContain('Renamed? fill in work.js may be renamed in work.js now.')

  // An update writes what changed, and only that.
  run = await project.run('update', { RENAME: '1', GROW: '2', INLINE: '2' })
  passes(run)
  expect(buffersOf('grows')).toEqual([
    '      0 B  array buffers',
    '   2.5 MB ±60%  array buffers',
    '     2 MB ±60%  fill  work.js:6  (array buffer)',
    '   500 kB  copy  work.js:14  (array buffer)',
  ])
  expect(stored()).toContain(elsewhere)
  expect(stored()).toContain('800 kB  renamed  work.js:11  (array buffer)')
  const untouched = (text: string) => text.slice(text.indexOf('exports[`shrinks'))
  expect(untouched(stored())).toBe(untouched(edited))
  if (inline) {
    expect(source()).toContain('1 MB  fill  work.js:6  (array buffer)')
    expect(source()).toContain('200 kB  fill  work.js:4  (array buffer)')
  }

  // Where only another environment is stored, nothing fails; a block is added, except as with --ci.
  project.write(
    SNAPSHOTS,
    stored().replaceAll(`\n${environment}\n`, '\nnode 4, arm64, jest 2\n').replaceAll(`${elsewhere}\n\n`, ''),
  )
  const foreign = stored()
  run = await project.run('ci', { RENAME: '1', SHRINK: '9', INLINE: '2' })
  passes(run)
  expect(stored()).toBe(foreign)
  run = await project.run('new', { RENAME: '1', GROW: '2', INLINE: '2' })
  passes(run)
  expect(stored().split(environment)).toHaveLength(7)
  expect(stored().split('node 4, arm64, jest 2')).toHaveLength(7)

  // Text that was damaged, and a snapshot that nobody asks for any more.
  const mangled = stored().replace('     1 MB  fill', '     1 megabyte  fill')
  project.write(SNAPSHOTS, mangled)
  run = await project.run('new', { RENAME: '1', GROW: '2', INLINE: '2', DROP: '1' })
  const damage = [...run.tests.values()]
    .map(({ message }) => message)
    .find((message) => message.includes('megabyte'))
  expect(damage, run.output).toMatch(
    /toMatchHeapSnapshot: snapshot "shrinks.*1", line \d+: expected a size and what it is of.*received "1 megabyte {2}fill/,
  )
  expect(run.output).toMatch(/obsolete/)
  run = await project.run('update', { RENAME: '1', GROW: '2', INLINE: '2', DROP: '1' })
  expect(run.output).toMatch(/removed/)
  expect(stored()).toContain('1 megabyte  fill')
  expect(stored()).not.toContain('unwanted')

  // A file without snapshots has no log: what an earlier run measured is no news of this one.
  expect(project.read(LOG)).not.toBe('')
  project.write('heap.test.js', `${before.split('\n').slice(0, 2).join('\n')}\ntest('none', () => {})\n`)
  run = await project.run('ci')
  passes(run)
  expect(() => project.read(LOG)).toThrow('ENOENT')
}

/** Tests whose bodies have snapshots, after a line that imports `fill`. */
export const BODIES = `
test('body', () => { fill(100 * Number(process.env.GROW ?? 1)) })
test('later', async () => {
  await new Promise((resolve) => setTimeout(resolve, 2))
  fill(40)
})
test('throws', () => { if (process.env.THROW) throw new Error('on purpose') })
`

/** What both runners promise of tests whose bodies have snapshots: `snapshots: true`. */
export async function expectBodySnapshots(project: SnapshotProject): Promise<void> {
  const stored = () => project.read(SNAPSHOTS)
  let run = await project.run('new')
  expect(run.code, run.output).toBe(0)
  for (const name of ['body', 'later', 'throws'])
    expect(stored()).toMatch(new RegExp(`exports\\[\`${name}(?: >|:) heap of the test 1\`\\] = \``))
  expect(stored()).toContain(`\n${project.environment}\n`)
  expect(stored()).toMatch(/^ {5}1 MB {2}array buffers$/m)
  const first = stored()

  // Within tolerance nothing changes; what a test that fails has stored is not obsolete.
  run = await project.run('update', { GROW: '1.1', THROW: '1' })
  const failed = [...run.tests].filter(([, { status }]) => status === 'failed').map(([name]) => name)
  expect(failed, run.output).toEqual(['throws'])
  expect(stored()).toBe(first)

  run = await project.run('ci', { GROW: '2' })
  const { status, message = '' } = run.tests.get('body') ?? {}
  expect(status, run.output).toBe('failed')
  expect(message).toContain('the heap snapshot of this test')
  expect(message).toMatch(/array buffers +1 MB +2 MB +\+100 % +grew; ±\d+ kB is allowed/)
  expect(message).toMatch(/ fill +work\.js:4 \(array buffer\)$/m)
  expect(run.tests.get('later')?.status).toBe('passed')
  expect(stored()).toBe(first)
}
