import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LEAKS, leakingFiles, leaksAreNamed } from '../cases/leaks.js'
import { Project, type Run } from './project.js'

const kinds = [
  ['forks', ['--pool=forks']],
  ['threads', ['--pool=threads']],
  ['vmThreads', ['--pool=vmThreads']],
] as const

describe.each(kinds)('the other matchers in %s', (_, args) => {
  let project: Project
  let run: Run
  beforeAll(async () => {
    project = new Project('matchers')
    run = await project.run(...args)
  }, 120_000)
  afterAll(() => project.remove())

  const failed = (name: string) => {
    expect(run.tests.get(name)?.status, run.output).toBe('failed')
    return run.tests.get(name)?.message ?? ''
  }

  test.each([
    'nothing',
    'nothing, later',
    'nothing stays',
    'nothing stays, with fake timers',
    'the next one has nothing to do with it',
    'below the peak',
    'by domain',
    'without what is ignored',
  ])('passes: %s', (name) => {
    expect(run.tests.get(name), run.output).toMatchObject({ status: 'passed', message: '' })
  })

  test('something', () => {
    const message = failed('something')
    expect(message).toContain('expect(received).toAllocateNothing()\n\n    limit       0 B\n    allocated   ')
    expect(message).toMatch(new RegExp(`box +src/work\\.ts:${lineOf('makes an object')}:\\d+$`, 'm'))
  })

  test.each([
    ['a listener stays', 'listener', 'leaks a listener'],
    ['a cache entry stays', 'cache', 'leaks into a cache'],
    ['a buffer stays', 'buffer', 'leaks a buffer'],
  ])('%s: with its line, and a profile', (name, fn, text) => {
    const message = failed(name)
    expect(message).toMatch(/^ {4}retained {3}[\d.]+ k?B a call {3}\(.*; it grew in each\)$/m)
    const places = [...message.matchAll(/ +(\S+) +src\/work\.ts:(\d+):\d+/g)]
    // The listener holds a list that is made a line before it.
    const lines = places.map(([, called, line]) => ({ called, line: Number(line) }))
    expect(lines, message).toContainEqual({ called: fn, line: lineOf(text) })
    const profile = `.heapproof/matchers.test.ts/${name.replaceAll(' ', '-')}`
    expect(message).toContain(`\n    Open it: npx heapproof top ${profile}\n`)
    expect(existsSync(join(project.root, `${profile}.hpm`))).toBe(true)
  })

  test('a failure that nobody awaits, or that is soft, fails its own test', () => {
    expect(failed('something stays, and nobody waits')).toContain('toRetainLessThan("20 B")')
    expect(failed('softly')).toContain('toRetainLessThan("20 B")')
    expect(run.output).not.toContain('Unhandled')
  })

  test('over the peak: what was live then', () => {
    const message = failed('over the peak')
    expect(message).toMatch(
      /^ {4}peak {4}[\d.]+ MB, within [\d.]+ [kM]?B {3}\(reachable at once; \d+ collections forced, one each [\d.]+ kB\)$/m,
    )
    expect(message).toMatch(new RegExp(`hold +src/work\\.ts:${lineOf('is live at the peak')}:\\d+$`, 'm'))
    expect(message).toContain('what was live at the peak')
  })

  test('with too little ignored', () => {
    const message = failed('with too little ignored')
    expect(message).toMatch(
      /^ {4}allocated {3}[\d.]+ [kM]B ±[\d.]+ k?B {3}\(sampled; \d ignored lines?, [\d.]+ kB, taken out\)$/m,
    )
    expect(message).toMatch(new RegExp(`hold +src/work\\.ts:${lineOf('is live at the peak')}:\\d+$`, 'm'))
    expect(message).not.toContain('src/log.ts:')
    expect(message).toContain('Profile: .heapproof/matchers.test.ts/with-too-little-ignored')
  })

  test('says what is wrong with how it is called', () => {
    expect(failed('resolves')).toContain('toAllocateNothing: .resolves gave 42, and no function')
    expect(failed('a promise')).toContain(
      'expected a function, received a promise, whose work has begun already',
    )
    expect(failed('two arguments too many')).toContain('expected an object with options, received "5MB"')
  })

  function lineOf(text: string): number {
    return project.find('src/work.ts', text).line
  }
})

test.each(LEAKS)(
  'the lines of a file are not those of one before it in the same worker: %s',
  async (_, leak) => {
    using project = new Project('empty')
    const head = (module: string) => `import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
const { work } = createRequire(import.meta.url)('${module}')`
    const files = {
      ...leakingFiles(leak, head),
      'vitest.config.ts': `import { heapproof } from 'heapproof/vitest'
export default { plugins: [heapproof({ report: false, profile: false })] }`,
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project.root, name), text)
    const run = await project.run('--pool=forks', '--no-isolate', '--no-file-parallelism')
    leaksAreNamed(run.tests, run.output)
  },
  300_000,
)
