import { missingAddon } from '../addon.js'

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
