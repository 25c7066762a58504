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
  cpSync(join(here, 'fixtures/basic'), root, { recursive: true })
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
  expect(outcomes.size, stderr).toBe(7)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test.each(['nothing', 'below', 'below, later', 'not below'])('passes: %s', (name) => {
  expect(outcomes.get(name)).toEqual({ status: 'passed', message: '' })
})

test.each(['over', 'over, later'])('fails with lines and a profile: %s', (name) => {
  const { status, message = '' } = outcomes.get(name) ?? {}
  const lines = readFileSync(join(root, 'rows.js'), 'utf8').split('\n')
  const line = lines.findIndex((each) => each.includes('a line that allocates')) + 1
  const base = `.heapproof/rows.test.js/${name.replace(', ', '-')}`
  expect(status).toBe('failed')
  expect(message).toMatch(/^Error: expect\(received\)\.toAllocateLessThan\("50kB"\)\n\n {4}limit {7}50 kB\n/)
  expect(message).toMatch(new RegExp(`makeRows +rows\\.js:${line}:\\d+$`, 'm'))
  expect(message).toContain(`\n    Open it: npx heapproof top ${base}\n`)
  expect(existsSync(join(root, `${base}.hpm`))).toBe(true)
})

test('says what is wrong with a limit', () => {
  expect(outcomes.get('bad limit')?.message).toContain(
    'HeapproofError: toAllocateLessThan: limit: expected a number',
  )
})
