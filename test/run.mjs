// Runs the tests: `npm test`. What is given on the command line goes to Vitest.
//
// In CI a test that fails is tried once more (vitest.config.ts). Where the program that a group of tests looks at has run
// before them, that tries nothing: so files in which tests still failed run once more, on their own, when all others have. Not
// when more than a few failed, nor when a test failed that promises the same verdict each time. What passed at its second try
// is listed as unstable, for somebody to mend.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../native/build/source-digest.mjs'

const MOST_FILES = 3

const folder = mkdtempSync(join(tmpdir(), 'heapproof-run-'))
try {
  const first = run(process.argv.slice(2))
  const again = first.outcome?.again
  if (first.code === 0 || !process.env.CI || !again?.length || again.length > MOST_FILES) finish(first)
  else {
    console.log(`\nOnce more, on their own: ${again.join(', ')}\n`)
    const second = run(again)
    console.log(together(first.outcome, second))
    finish(second)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** One run of Vitest, and what the reporter wrote about it: see support/summary-reporter.ts. */
function run(args) {
  const path = join(folder, 'outcome.json')
  rmSync(path, { force: true })
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args],
    {
      stdio: 'inherit',
      cwd: root,
      env: { ...process.env, HEAPPROOF_OUTCOME: path },
    },
  )
  return { code: status ?? 1, outcome: read(path) }
}

/** What both runs say of the tests, in the words of the reporter. */
function together({ counts, lines }, second) {
  const stillFailed = second.outcome?.counts.failed ?? counts.failed
  const mended = counts.failed - stillFailed
  const told = second.code === 0 ? lines.map((line) => line.replace(/^FAILED/, 'UNSTABLE')) : lines
  return (
    `\n${told.join('\n')}\nTests: ${counts.passed + mended} passed, ${stillFailed} failed, ` +
    `${counts.skipped} skipped, ${counts.unstable + mended} unstable`
  )
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined // Vitest did not come to its end
  }
}

function finish({ code }) {
  process.exitCode = code
}
