import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { changedBetween, evidenceOf, sampledIn } from './evidence.mjs'
import { runSuite } from './suite-run.mjs'

// Limits far above what any of the tests needs: what they cost and disturb is looked for, not what they forbid.
const LIMITS = { allocated: '4GB' }
const PROFILE = { samplingInterval: 16_384, keep: 'all', maxSize: '4GB' }

/** The options of heapproof that a suite runs with, one after the other. */
const WAYS = {
  usual: { limits: LIMITS },
  first: { limits: LIMITS, profile: PROFILE, snapshots: { tests: true } },
  again: { limits: LIMITS, profile: PROFILE, snapshots: { tests: true } },
  retained: { limits: { ...LIMITS, retained: '1GB', native: '4GB' } },
}

/**
 * Runs a suite twice without heapproof; once with a limit and what else is usual; twice with profiles and heap snapshots of
 * every test; and once with limits on what is retained, which collect garbage around each test. What was found:
 *
 * - `tests`, `failing`: all of them, and those that fail or waver without heapproof; `files` that do not load without it;
 * - `changed`: tests with another verdict under heapproof, or none; `crashes`: what ended as it should not have;
 * - `snapshots`: heap snapshots that did not match in the run after the one that wrote them;
 * - `evidence`, `sampled`, `second`: what heapproof says, see evidence.mjs;
 * - `usual`, `all`: seconds of CPU, as a ratio to the second run without heapproof;
 * - `outputs`: what each run printed.
 */
export async function trial({ node, runner, suite, heapproof, onProgress }) {
  const run = (name) => {
    onProgress(name)
    rmSync(join(suite.folder, '.heapproof'), { recursive: true, force: true })
    return runSuite({ node, runner, suite, heapproof: WAYS[name] })
  }
  const keep = (name) => {
    const to = join(suite.folder, name)
    rmSync(to, { recursive: true, force: true })
    cpSync(join(suite.folder, '.heapproof/report.json'), join(to, 'report.json'))
    return to
  }
  const plain = [await run('without'), await run('without it again')]
  const usual = await run('usual')
  const first = await run('first')
  const evidence = evidenceOf(suite)
  const sampled = sampledIn(suite, heapproof)
  const firstReport = keep('first')
  const again = await run('again')
  const second = changedBetween(firstReport, keep('second'), heapproof)
  const retained = await run('retained')

  const runs = Object.entries({ usual, first, again, retained })
  const steady = steadyOf(plain)
  const changed = runs.flatMap(([name, { verdicts }]) => changes(steady, verdicts, name))
  return {
    tests: plain[0].verdicts.size,
    failing: [...plain[0].verdicts].flatMap(([name, { passed }]) =>
      passed && steady.has(name) ? [] : [name],
    ),
    files: plain[0].files,
    changed: changed.filter(({ isSnapshot }) => !isSnapshot),
    snapshots: changed.filter(({ isSnapshot }) => isSnapshot),
    crashes: runs.flatMap(([name, each]) => crashes(each, plain).map((what) => `[${name}] ${what}`)),
    evidence,
    sampled,
    second,
    usual: usual.seconds / plain[1].seconds,
    all: first.seconds / plain[1].seconds,
    outputs: [['without', plain[1]], ...runs].map(([name, { output }]) => [name, output]),
  }
}

/** The tests whose verdict is the same twice. */
function steadyOf([one, other]) {
  return new Map(
    [...one.verdicts].filter(([name, { passed }]) => other.verdicts.get(name)?.passed === passed),
  )
}

function changes(steady, verdicts, run) {
  const found = []
  for (const [name, { passed }] of steady) {
    const now = verdicts.get(name)
    if (now?.passed === passed) continue
    const message = now?.messages.join('\n') ?? 'did not run'
    found.push({ run, name, message, isSnapshot: /toMatchHeapSnapshot|heap snapshot/i.test(message) })
  }
  return found
}

const SIGNS = ['Unhandled Error', 'FATAL ERROR', 'Segmentation fault', 'Worker exited', 'was terminated']

/** A runner that was killed or hung, that says what it did not say before, or test files that do not load any more. */
function crashes({ code, signal, output, files }, plain) {
  const found = []
  if (signal !== null || code > 1) found.push(`ended with ${signal ?? code}: ${output.slice(-500)}`)
  for (const [file, message] of files) {
    if (!plain[0].files.has(file)) found.push(`${file}: ${message.slice(0, 500)}`)
  }
  for (const sign of SIGNS) {
    if (output.includes(sign) && !plain.some((each) => each.output.includes(sign)))
      found.push(output.slice(output.indexOf(sign), output.indexOf(sign) + 500))
  }
  return found
}
