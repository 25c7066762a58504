import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '../../..')

interface Report {
  testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[]
}

let root: string
let outcomes: Map<string, { status: string; message: string }>

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'e2e-jest-')))
  cpSync(join(here, 'fixtures/matchers'), root, { recursive: true })
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(repository, join(root, 'node_modules/heapproof'), 'junction')
  const jest = join(repository, 'node_modules/jest/bin/jest.js')
  const report = join(root, 'report.json')
  const { stderr } = spawnSync(process.execPath, [jest, '--ci', '--json', `--outputFile=${report}`], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', NODE_ENV: 'test' },
  })
  expect(existsSync(report), stderr).toBe(true)
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  outcomes = new Map(
    testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .map(({ title, status, failureMessages }) => [title, { status, message: failureMessages.join('\n') }]),
  )
}, 120_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

const failed = (name: string): string => {
  expect(outcomes.get(name)?.status).toBe('failed')
  return outcomes.get(name)?.message ?? ''
}

function lineOf(text: string): number {
  const lines = readFileSync(join(root, 'work.js'), 'utf8').split('\n')
  return lines.findIndex((line) => line.includes(text)) + 1
}

test.each(['nothing', 'nothing stays', 'below the peak', 'without what is ignored'])('passes: %s', (name) => {
  expect(outcomes.get(name)).toEqual({ status: 'passed', message: '' })
})

test('fails with the same sentences as in Vitest', () => {
  expect(failed('something')).toMatch(
    /^Error: expect\(received\)\.toAllocateNothing\(\)\n\n {4}limit {7}0 B\n {4}allocated {3}/,
  )
  const leak = failed('a cache entry stays')
  expect(leak).toMatch(/^ {4}retained {3}[\d.]+ k?B a call {3}\(.*; it grew in each\)$/m)
  expect(leak).toMatch(new RegExp(` work\\.js:${lineOf('leaks into a cache')}:\\d+$`, 'm'))
  expect(leak).toContain('Open it: npx heapproof top .heapproof/matchers.test.js/a-cache-entry-stays\n')
  const peak = failed('over the peak')
  expect(peak).toMatch(/^ {4}peak {4}[\d.]+ MB, within [\d.]+ [kM]?B {3}\(reachable at once; /m)
  expect(peak).toMatch(new RegExp(` work\\.js:${lineOf('is live at the peak')}:\\d+$`, 'm'))
})

test('says what is wrong with .resolves', () => {
  expect(failed('resolves')).toContain('toAllocateNothing: .resolves gave 42, and no function')
})
