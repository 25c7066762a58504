import { writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { SerializedError } from 'vitest'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Tests of one run that may pass at their second try only. */
const MOST_UNSTABLE = 3

/**
 * Prints at the very end of the run, for logs of which only the end is kept (what a failing end-to-end test prints is long),
 * a line for each failure, one for each test that passed at its second try only, and one that counts, the last:
 *
 *     FAILED: file > group > test, line 12: what was said first
 *     UNSTABLE: file > group > test, line 12: what was said at the first try
 *     Tests: 12 passed, 1 failed, 1 skipped, 1 unstable
 *
 * A file that could not be collected and an error outside of any test each count as one failure. Where HEAPPROOF_OUTCOME
 * names a file, the same goes there as JSON, with the files that may be tried again: see ../run.mjs.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<SerializedError>): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    const lines = unhandledErrors.map((error) => line('FAILED', 'an error outside of any test', [error]))
    let unstable = 0
    const again = new Set<string>()
    let mayTryAgain = unhandledErrors.length === 0
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        count[state]++
        if (state === 'failed') {
          lines.push(line('FAILED', nameOf(test), test.result().errors))
          again.add(module.relativeModuleId)
          if (test.options.retry === 0) mayTryAgain = false // it promises to be the same each time
        }
        if (test.diagnostic()?.flaky === true) {
          unstable++
          lines.push(line('UNSTABLE', nameOf(test), test.result().errors))
        }
      }
      if (module.errors().length === 0) continue
      count.failed++
      again.add(module.relativeModuleId)
      lines.push(line('FAILED', module.relativeModuleId, module.errors()))
    }
    if (unstable > MOST_UNSTABLE) {
      lines.push(`FAILED: ${unstable} tests passed at their second try only, ${MOST_UNSTABLE} may`)
      process.exitCode = 1
    }
    const outcome = process.env.HEAPPROOF_OUTCOME
    if (outcome !== undefined) {
      const counts = { ...count, skipped: count.skipped + count.pending, unstable }
      writeFileSync(outcome, JSON.stringify({ counts, lines, again: mayTryAgain ? [...again] : [] }))
    }
    const counts = [`${count.passed} passed`, `${count.failed} failed`]
    const skipped = count.skipped + count.pending
    if (skipped > 0) counts.push(`${skipped} skipped`)
    if (unstable > 0) counts.push(`${unstable} unstable`)
    lines.push(`Tests: ${counts.join(', ')}`)
    // After whatever other reporters still have to say.
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`))
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`
}

/** Where something failed, with the line that said so, and why. */
function line(
  kind: 'FAILED' | 'UNSTABLE',
  where: string,
  errors: ReadonlyArray<SerializedError> = [],
): string {
  const [first] = errors
  const at = first?.stacks?.[0]?.line
  const said = [`${first?.message ?? 'no word of why'}`, `${first?.diff ?? ''}`].map(shortened).join('; ')
  return `${kind}: ${where}${at === undefined ? '' : `, line ${at}`}: ${said}`
}

/** In one line without colours; of a long text the beginning and the end. */
function shortened(text: string): string {
  const line = stripVTControlCharacters(text).replace(/\s+/g, ' ')
  return line.length > 450 ? `${line.slice(0, 150)} ... ${line.slice(-300)}` : line
}
