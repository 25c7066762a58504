import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { masked, Project, type Run } from './project.js'

const kinds = [
  ['forks', ['--pool=forks']],
  ['threads', ['--pool=threads']],
  ['vmForks', ['--pool=vmForks']],
  ['vmThreads', ['--pool=vmThreads']],
  ['forks without isolation', ['--pool=forks', '--no-isolate', '--no-file-parallelism']],
] as const

describe.each(kinds)('toAllocateLessThan in %s', (_, args) => {
  let project: Project
  let run: Run
  beforeAll(async () => {
    project = new Project('basic')
    run = await project.run(...args)
  })
  afterAll(() => project.remove())

  const failed = (name: string) => {
    expect(run.tests.get(name)?.status, run.output).toBe('failed')
    return run.tests.get(name)?.message ?? ''
  }
  const profiles = (testFile: string) => readdirSync(join(project.root, '.heapproof', testFile)).sort()

  test.each([
    'nothing',
    'below',
    'not below',
    'below, later',
    'is called once when it stays below',
    'an awaited failure can be caught',
    'errors of the function come through unchanged',
    'forgotten and good',
    'the next test has nothing to do with it',
  ])('passes: %s', (name) => {
    expect(run.tests.get(name), run.output).toMatchObject({ status: 'passed', message: '' })
  })

  test('fails over the limit: with the lines of the source, and a profile on disk', () => {
    const { line, column } = project.find('src/work.ts', '{ x: i')
    const message = failed('over')
    expect(masked(message)).toMatch(
      /^(Error: )?expect\(received\)\.toAllocateLessThan\("100 kB"\)\n\n limit # B\n/,
    )
    expect(message).toMatch(
      new RegExp(`^ +[\\d.]+ [kM]B .* % {3}makePoints +src/work\\.ts:${line}:\\d+$`, 'm'),
    )
    expect(message).toMatch(/^ {4}Profile: \.heapproof\/failing\.test\.ts\/over$/m)
    expect(message).toMatch(/^ {4}Open it: npx heapproof top \.heapproof\/failing\.test\.ts\/over$/m)
    expect(column).toBeGreaterThan(0)
  })

  test('the profile that was kept knows the lines of the source too', () => {
    using reader = read(join(project.root, '.heapproof/failing.test.ts/over'))
    const heaviest = sites(reader).sites[0]
    expect(heaviest).toMatchObject({
      function: 'makePoints',
      file: join(project.root, 'src/work.ts'),
      line: project.find('src/work.ts', 'a line that allocates').line,
    })
  })

  test('fails over the limit, later', () => {
    const { line } = project.find('src/work.ts', 'a line that allocates')
    const message = failed('a group over, later')
    expect(message).toContain('toAllocateLessThan("100KiB")')
    expect(message).toMatch(new RegExp(`makePoints +src/work\\.ts:${line}:\\d+$`, 'm'))
    expect(message).toMatch(/Profile: \.heapproof\/failing\.test\.ts\/a-group-over-later$/m)
  })

  test('fails over the limit in a buffer', () => {
    const { line } = project.find('src/work.ts', 'a line that allocates a buffer')
    const message = failed('over, in a buffer')
    expect(message).toMatch(/^ +[\d.]+ k?B heap, 1 MB array buffers$/m)
    expect(message).toMatch(new RegExp(`makeBuffer +src/work\\.ts:${line}:\\d+ \\(array buffer\\)$`, 'm'))
  })

  test.each(['not over', 'not over, later'])('fails: %s', (name) => {
    expect(masked(failed(name)).replace(/^Error: /, '')).toBe(
      [
        'expect(received).not.toAllocateLessThan("1MB")',
        ' limit at least # B\n allocated # B (#)\n # B heap, # B array buffers',
      ].join('\n\n'),
    )
  })

  test('two failures of one test leave two profiles', () => {
    const message = failed('twice')
    expect(message).toMatch(/Profile: \.heapproof\/failing\.test\.ts\/twice$/m)
    expect(message).toMatch(/Profile: \.heapproof\/failing\.test\.ts\/twice-2$/m)
    // Of tests that fail otherwise there are profiles as well.
    expect(profiles('failing.test.ts')).toEqual(
      expect.arrayContaining(
        ['a-group-over-later', 'over-in-a-buffer', 'over', 'twice-2', 'twice'].flatMap((name) => [
          `${name}.hpd`,
          `${name}.hpm`,
        ]),
      ),
    )
    expect(existsSync(join(project.root, '.heapproof/.gitignore'))).toBe(true)
  })

  test('says what is wrong with how it is called', () => {
    expect(failed('bad limit')).toContain(
      'HeapproofError: toAllocateLessThan: limit: expected a number of bytes',
    )
    expect(failed('bad limit')).toContain('received "5 parsecs"')
    expect(failed('no function')).toContain(
      'HeapproofError: toAllocateLessThan: expected a function, received 42',
    )
    expect(failed('bad option')).toContain('unknown option "run"; did you mean "runs"?')
  })

  test('an assertion that nobody awaits fails its own test, and nothing else', () => {
    expect(failed('forgotten and over')).toContain('expect(received).toAllocateLessThan(100)')
    expect(failed('forgotten and not over')).toContain('expect(received).not.toAllocateLessThan("10MB")')
    expect(failed('forgotten and rejected')).toContain('mine')
    expect(run.output).not.toContain('Unhandled')
  })

  test('no frame of ours is in the output', () => {
    expect(run.output).not.toMatch(/setup\.js|heapproof\/dist|main\/dist/)
    expect(run.exitCode).toBe(1)
  })

  test('each test file has its own profiles', () => {
    const folders = readdirSync(join(project.root, '.heapproof')).filter((name) => name.endsWith('.test.ts'))
    expect(folders.sort()).toEqual([
      'failing.test.ts',
      'passing.test.ts', // a failure that is caught leaves a profile like any other
      'unawaited.test.ts',
    ])
  })
})
