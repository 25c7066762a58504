import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { sites } from '../../src/core/reduce/sites.js'
import { partsOf } from '../../src/core/session/parts.js'
import { folderWith, heapproof } from '../support/command-line.js'

const require = createRequire(import.meta.url)
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs')
const jest = join(dirname(require.resolve('jest/package.json')), 'bin/jest.js')

const BODY = `
  function fill() { const kept = []; for (let i = 0; i < 1e5; i++) kept.push({ a: i, b: [i] }); return kept }
  test('fills', () => { expect(fill()).toHaveLength(1e5) })`

/** In which profiles the function that the test calls has allocated. */
function whereFilled(base: string): string[] {
  return partsOf(base)
    .filter(({ fileBase }) => {
      using profile = read(fileBase)
      return sites(profile).sites.some((site) => site.function === 'fill' && site.self > 5e6)
    })
    .map(({ fileBase }) => fileBase.slice(base.length).replace(/\d+/g, '#'))
}

test.each([
  ['Vitest, in processes', [vitest, 'run', '--globals', '--pool=forks'], ['.p#', '.p#']],
  ['Vitest, in threads', [vitest, 'run', '--globals', '--pool=threads'], ['.t#', '.t#']],
  [
    'Jest, in processes',
    [jest, '--maxWorkers=2', '--workerIdleMemoryLimit=1GB', '--rootDir=.'],
    ['.p#', '.p#'],
  ],
  ['Jest, in one', [jest, '--runInBand', '--rootDir=.'], ['']],
])('%s', (_, command, profiles) => {
  const cwd = folderWith({ 'a.test.js': BODY, 'b.test.js': BODY, 'package.json': '{}' })
  const { code, stderr } = heapproof(['run', '-o', 'out', '--', ...command], { cwd })
  expect(stderr).toContain('heapproof: profile in out.hpm and .hpd')
  expect(code).toBe(0)
  expect(whereFilled(join(cwd, 'out'))).toEqual(profiles)
})
