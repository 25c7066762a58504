import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settled, writeReport } from '../core/compare/reports.js'
import { FULL, outcome } from '../core/report/outcomes.js'
import { folderWith, heapproof } from '../support/command-line.js'

const MB = 1_000_000

/** A folder with two runs of a test that allocates half as much again now. */
function runs(): string {
  const folder = folderWith()
  writeReport(join(folder, 'base'), settled([outcome('a', { allocated: 10 * MB })]))
  writeReport(join(folder, 'head'), settled([outcome('a', { allocated: 15 * MB })]))
  return folder
}

test('prints what changed, and ends with 2 only where a test certainly grew by more than was allowed', () => {
  const cwd = runs()
  const compare = (...args: string[]) => heapproof(['compare', 'base', 'head', ...args], { cwd })
  expect(compare()).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('1 test grew by more than 10 %'),
  })
  expect(compare('--fail-over', '50%')).toMatchObject({ code: 0, stderr: '' })
  expect(compare('--fail-over', '25 %')).toMatchObject({ code: 0 }) // by 50 %, of which 22.6 % are certain
  expect(compare('--fail-over', '20%')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('Grew by more than 20 %, which fails'),
  })
  expect(compare('--threshold', '60%').stdout).toMatch(/^No test grew or shrank by more than 60 %/)
  expect(compare('--format', 'markdown').stdout).toMatch(/^<!-- heapproof compare -->\n/)
  expect(JSON.parse(compare('--json').stdout)).toMatchObject({
    threshold: 0.1,
    tests: [{ name: 'a', changes: [{ base: 10 * MB }] }],
  })
})

test('says when a check could look at nothing', () => {
  const cwd = runs()
  writeReport(join(cwd, 'other'), FULL.slice(1))
  expect(heapproof(['compare', 'base', 'other', '--fail-over', '10%'], { cwd })).toMatchObject({
    code: 0,
    stderr: 'heapproof: No test could be compared: --fail-over had no effect\n',
  })
})

test('refuses what it cannot do, in one line', () => {
  const cwd = runs()
  for (const [args, message] of [
    [['base', 'nowhere'], 'nowhere: there is no such directory'],
    [['base'], "missing required argument 'head'"],
    [['base', 'head', '--format', 'html'], '--format must be text or markdown, received "html"'],
    [['base', 'head', '--json', '--format', 'text'], '--json and --format do not go together'],
    [
      ['base', 'head', '--fail-over', '10'],
      '--fail-over must be a percentage from 0% to 10000%, such as 10%, received "10"',
    ],
    [
      ['base', 'head', '--threshold', '-5%'],
      '--threshold must be a percentage from 0% to 10000%, such as 10%, received "-5%"',
    ],
    [['base', 'head', '--fail-ove', '10%'], "unknown option '--fail-ove'"],
  ] as const) {
    const { code, stdout, stderr } = heapproof(['compare', ...args], { cwd })
    expect({ code, stdout }, args.join(' ')).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`heapproof: ${message}`)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  }
})
