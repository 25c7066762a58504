import { beforeAll, describe, expect, test } from 'vitest'
import { INSTALLING, Project, prepare, type Version, versions } from './project.js'

const SOURCE = `
interface Row { readonly a: number; readonly b: string }

const kept: Row[][] = []

export function fill(count: number): void {
  const rows: Row[] = []
  for (let a = 0; a < count; a++) {
    rows.push({ a, b: 'b' }) // a line that allocates
  }
  kept.push(rows)
}
`
const TEST = `
import { heapLimit } from 'heapproof/jest'
import { fill } from './rows'

test('over', () => {
  heapLimit({ allocated: '1MB' })
  fill(100000)
})
test('an error of the realm', () => {
  try { heapLimit({}) } catch (error) { expect(error).toBeInstanceOf(Error); return }
  throw new Error('nothing was thrown')
})
`
const line = SOURCE.split('\n').findIndex((text) => text.includes('a line that allocates')) + 1

/** Vitest would take the whole pragma for itself. */
const ENVIRONMENT = 'environment'

const transforms = {
  'ts-jest': `{ '^.+\\\\.ts$': ['ts-jest', { isolatedModules: true, diagnostics: false }] }`,
  '@swc/jest': `{ '^.+\\\\.ts$': '@swc/jest' }`,
  'babel-jest': undefined, // its own default
}

const BABEL = `module.exports = {
  presets: ['@babel/preset-typescript'],
  plugins: ['@babel/plugin-transform-modules-commonjs'],
}`

function expectLines(version: Version, tests: Awaited<ReturnType<Project['run']>>['tests'], stderr: string) {
  expect(tests.get('over')?.message, `${version}\n${stderr}`).toMatch(
    new RegExp(`^HeapproofError: heapLimit\\([^]*fill +rows\\.ts:${line}:\\d+\\n`),
  )
  expect(tests.get('an error of the realm')).toMatchObject({ status: 'passed', message: '' })
}

describe.each(versions)('Jest %i', (version) => {
  beforeAll(() => prepare(version), INSTALLING)

  test.each(['ts-jest', '@swc/jest', 'babel-jest'] as const)(
    'lines of TypeScript, transformed by %s',
    async (name) => {
      using project = new Project(version, {
        'jest.config.js': `
        const { withHeapproof } = require('heapproof/jest/config')
        module.exports = withHeapproof(
          { transform: ${transforms[name]}, reporters: ['./outcomes.cjs'] },
          { report: false, profile: { samplingInterval: 8192 } },
        )`,
        'tsconfig.json':
          '{ "compilerOptions": { "target": "es2022", "module": "commonjs", "sourceMap": true } }',
        ...(name === 'babel-jest' && { 'babel.config.js': BABEL }),
        'rows.ts': SOURCE,
        'rows.test.ts': TEST,
      })
      const { tests, stderr } = await project.run(['-i'])
      expectLines(version, tests, stderr)
    },
  )

  test('an environment that a file names, and modules', async () => {
    using project = new Project(version, {
      'jest.config.js': `
        const { withHeapproof } = require('heapproof/jest/config')
        module.exports = withHeapproof(
          { transform: {}, testMatch: ['**/*.test.*'], reporters: ['./outcomes.cjs'] },
          { report: false, profile: { samplingInterval: 8192 } },
        )`,
      'dom.test.js': `
        /** @jest-${ENVIRONMENT} jsdom */
        const { heapLimit } = require('heapproof/jest')
        const kept = []
        test('in jsdom', () => {
          expect(typeof document).toBe('object')
          heapLimit({ allocated: '1MB' })
          kept.push(Buffer.alloc(2e6))
        })`,
      'module.test.mjs': `
        import { heapLimit } from 'heapproof/jest'
        const kept = []
        test('in a module', () => {
          heapLimit({ allocated: '1MB' })
          kept.push(Buffer.alloc(2e6))
        })`,
    })
    const { tests, stderr } = await project.run([], { NODE_OPTIONS: '--experimental-vm-modules' })
    for (const name of ['in jsdom', 'in a module']) {
      expect(tests.get(name)?.message, stderr).toMatch(/^HeapproofError: heapLimit\(/)
      expect(tests.get(name)?.record?.limits[0]).toMatchObject({ verdict: 'exceeded' })
    }
  })

  test('each run of --watchAll is measured for itself', async () => {
    using project = new Project(version, {
      'jest.config.js': `
        const { withHeapproof } = require('heapproof/jest/config')
        module.exports = withHeapproof(
          { transform: {}, watchPathIgnorePatterns: ['outcomes'], reporters: ['./outcomes.cjs'] },
          { report: false },
        )`,
      'one.test.js': `
        const { heapLimit } = require('heapproof/jest')
        const kept = []
        test('one', () => { heapLimit({ allocated: '1MB' }); kept.push(Buffer.alloc(2e6)) })
        test('endless', async () => { await new Promise(() => {}) }, 20)
        test('two', async () => { kept.push(Buffer.alloc(3e6)) })`,
    })
    let runs = 0
    for await (const tests of project.watch('one.test.js', ['-i'])) {
      if (tests.size < 3 + runs) continue // once more what was there before
      expect([...tests.keys()].slice(0, 3)).toEqual(['one', 'endless', 'two'])
      expect(tests.get('one')).toMatchObject({ status: 'failed', record: { certainty: 'exact' } })
      expect(Math.floor((tests.get('one')?.record?.arrayBuffers ?? 0) / 1e6)).toBe(2)
      expect(Math.floor((tests.get('two')?.record?.arrayBuffers ?? 0) / 1e6)).toBe(3)
      if (++runs === 3) break
      project.write('one.test.js', `${project.read('one.test.js')}\ntest('more ${runs}', () => {})`)
    }
    expect(runs).toBe(3)
  })

  test('nothing of a file stays behind: Jest finds no leak', async () => {
    using project = new Project(version, {
      'jest.config.js': `
        const { withHeapproof } = require('heapproof/jest/config')
        module.exports = withHeapproof({ transform: {}, reporters: ['./outcomes.cjs'] }, { report: false })`,
      'one.test.js': `
        const { heapLimit } = require('heapproof/jest')
        test('one', async () => { heapLimit({ allocated: '1MB' }); expect(() => {}).toAllocateNothing() })
        test('two', () => { heapLimit({ retained: '1MB' }) })`,
    })
    const { tests, stderr, code } = await project.run(['-i', '--detectLeaks'])
    expect(code, stderr).toBe(0)
    expect([...tests.keys()]).toEqual(['one', 'two'])
  })
})
