import { stop } from './stop.js'

/**
 * Has what is under way ended when the process ends by itself, by `process.exit()` or by an uncaught error. Returns the
 * way to take that back.
 */
export function endWithProcess(): () => void {
  process.once('exit', stopAtExit)
  return () => {
    process.removeListener('exit', stopAtExit)
  }
}

function stopAtExit(): void {
  try {
    stop()
  } catch (error) {
    // Nobody is left to catch it, and on a full disk the profile cannot say it either.
    process.stderr.write(`heapproof: ${(error as Error).message}\n`)
  }
}
