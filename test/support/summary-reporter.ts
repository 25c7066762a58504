import { stripVTControlCharacters } from 'node:util'
import type { SerializedError } from 'vitest'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * Prints, at the very end of the run, a line for each failure, `FAILED: file > group > test: what was said first`, and
 * one that counts, the last: `Tests: 12 passed, 0 failed`, and `, 1 skipped` when there are any. A file that could not
 * be collected and an error outside of any test each count as one failure. The lines are there for logs of which only
 * the end is kept: what a failing end-to-end test prints is long.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<SerializedError>): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    const lines = unhandledErrors.map((error) => failure('an error outside of any test', [error]))
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        count[state]++
        if (state === 'failed') lines.push(failedTest(test))
      }
      if (module.errors().length === 0) continue
      count.failed++
      lines.push(failure(module.relativeModuleId, module.errors()))
    }
    const skipped = count.skipped + count.pending
    lines.push(
      `Tests: ${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    )
    // After whatever other reporters still have to say.
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`))
  }
}

function failedTest(test: TestCase): string {
  return failure(`${test.module.relativeModuleId} > ${test.fullName}`, test.result().errors ?? [])
}

/** Where something failed, with the line that said so, and why. */
function failure(where: string, errors: ReadonlyArray<SerializedError>): string {
  const [first] = errors
  const line = first?.stacks?.[0]?.line
  const said = [`${first?.message ?? 'no word of why'}`, `${first?.diff ?? ''}`].map(shortened).join('; ')
  return `FAILED: ${where}${line === undefined ? '' : `, line ${line}`}: ${said}`
}

/** In one line without colours; of a long text the beginning and the end. */
function shortened(text: string): string {
  const line = stripVTControlCharacters(text).replace(/\s+/g, ' ')
  return line.length > 450 ? `${line.slice(0, 150)} ... ${line.slice(-300)}` : line
}
