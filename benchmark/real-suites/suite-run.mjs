import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runners, writeConfig } from './runners.mjs'

/** A run that takes longer than this hangs. */
const PATIENCE = 15 * 60_000

/**
 * Runs a suite once, with these options of heapproof or without it: the verdict of each test by its file and name, how the
 * runner ended, seconds of CPU of all its processes, and what it printed.
 */
export async function runSuite({ node, runner, suite, heapproof }) {
  const results = join(suite.folder, 'results.json')
  rmSync(results, { force: true })
  const { command, reports } = runners[runner]
  const config = writeConfig(runner, suite, heapproof)
  const args = [...command(join(suite.folder, '..', 'node_modules')), ...reports(results), '--config', config]
  const ended = await finished(node, args, suite.folder)
  const { testResults = [] } = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : {}
  return {
    ...ended,
    verdicts: verdictsOf(testResults, suite.folder),
    files: filesOf(testResults, suite.folder),
  }
}

/** Tests of the same name in a file are told apart by their order. */
function verdictsOf(testResults, folder) {
  const verdicts = new Map()
  for (const { name: path, assertionResults } of testResults) {
    for (const { ancestorTitles, title, status, failureMessages = [] } of assertionResults) {
      const name = [relative(folder, path), ...ancestorTitles, title].join(' > ')
      let key = name
      for (let number = 2; verdicts.has(key); number++) key = `${name} (${number})`
      verdicts.set(key, { passed: status !== 'failed', messages: failureMessages })
    }
  }
  return verdicts
}

/** Test files that could not be run at all, with what was said about them. */
function filesOf(testResults, folder) {
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  return new Map(broken.map(({ name, message }) => [relative(folder, name), message]))
}

function finished(node, args, cwd) {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^VITEST|^JEST|^CI$|^GITHUB_/i.test(name),
  )
  const env = { ...Object.fromEntries(clean), NO_COLOR: '1', FORCE_COLOR: '0' }
  const script = `TIMEFORMAT=$'\\nprocessor time %U %S'; time "$0" "$@"`
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script, node, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    const end = () => {
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {} // it is over
    }
    const hangs = setTimeout(end, PATIENCE)
    process.once('exit', end)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(hangs)
      process.removeListener('exit', end)
      const [, user, system] = /processor time ([\d.]+) ([\d.]+)\s*$/.exec(output) ?? []
      resolve({ code, signal, seconds: Number(user) + Number(system), output })
    })
  })
}
