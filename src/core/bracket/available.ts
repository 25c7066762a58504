import { missingAddon } from '../addon.js'
import { HeapproofError } from '../errors.js'

let warned = false

/**
 * Whether this Node has the addon. Nothing is measured or watched by asking: this process only starts others that do.
 *
 * @param required whether that it is missing is an error; else it is said once, on stderr.
 * @throws HeapproofError `addon-unavailable`.
 */
export function isAvailable(required: boolean): boolean {
  const missing = missingAddon()
  if (missing === undefined) return true
  if (required) throw missing
  if (!warned) process.stderr.write(`${missing.message} The tests run without being measured.\n`)
  warned = true
  return false
}

/**
 * The error for a worker in which nobody hands the tests to us: no limit would hold, and nobody would know.
 *
 * @param runner the package whose tests they are; `folder` is where heapproof finds it
 * @param known whether it is one that heapproof can take hold of: then another copy of it runs the tests
 */
export function cannotTakeHold(runner: string, folder: string, known: boolean): HeapproofError {
  return new HeapproofError(
    'unsupported',
    known
      ? `the tests are run by another copy of ${runner} than the one that heapproof finds, ${folder}: they cannot be measured. Install ${runner} once, where both find it.`
      : `heapproof does not know how ${runner} in ${folder} runs tests: they cannot be measured. Is there a newer heapproof?`,
  )
}
