import { resolve } from 'node:path'
import { clearInterval, setInterval } from 'node:timers'
import { addon, DOMAIN_BITS } from '../addon.js'
import { HeapproofError } from '../errors.js'
import { makeLinesExact } from './exact-lines.js'
import { header } from './header.js'
import { createLogFiles } from './log-files.js'
import { checkFileBase, type StartOptions, settingsFrom } from './options.js'
import { currentSession, setCurrentSession } from './state.js'
import { stop } from './stop.js'

/** Milliseconds between two writes of what was recorded, as long as the event loop turns. */
const FLUSH_INTERVAL = 250

/**
 * Records sampled allocations and frees of this thread into `fileBase.hpm` and `fileBase.hpd`, until {@link stop} or the
 * end of the process. A former profile there is replaced, once the recording has begun. Both files are created with
 * mode 0600.
 *
 * The first start in a thread takes V8's quick compilers out of use, for good, so that lines can be told, and with them
 * the code they made: 10 to 30 ms, and warm code runs slower from then on.
 *
 * @param fileBase path of the profile, without an extension. Its directory must exist.
 * @throws HeapproofError `invalid-argument`, `cannot-write`, `already-profiling`, `sampler-busy` or `addon-unavailable`.
 *   Nothing is left behind then, and a former profile is untouched.
 */
export function start(fileBase: string, options?: StartOptions): void {
  checkFileBase(fileBase)
  const settings = settingsFrom(options)

  const native = addon()
  if (native.isProfiling()) throw alreadyProfiling()
  makeLinesExact(native)
  const files = createLogFiles(fileBase)
  const bits = settings.domains.reduce((sum, domain) => sum | DOMAIN_BITS[domain], 0)
  const refusal = native.start(
    files.hpm,
    files.hpd,
    JSON.stringify(header(settings)),
    settings.samplingInterval,
    settings.stackDepth,
    bits,
  )
  files.close()
  if (refusal !== undefined) {
    files.discard()
    throw refused(refusal)
  }
  try {
    files.commit()
  } catch (error) {
    native.stop()
    files.discard()
    throw error
  }

  // Both taken from node:timers when this module was loaded: a test's fake timers must not stop the writing.
  const timer = setInterval(() => native.flush(), FLUSH_INTERVAL).unref()
  process.once('exit', stopAtExit)
  setCurrentSession({
    fileBase: resolve(fileBase),
    release() {
      clearInterval(timer)
      process.removeListener('exit', stopAtExit)
    },
  })
}

function stopAtExit(): void {
  try {
    stop()
  } catch (error) {
    // Nobody is left to catch it, and on a full disk the profile cannot say it either.
    process.stderr.write(`heapproof: ${(error as Error).message}\n`)
  }
}

/** The addon answers `code` or `code: sentence`. */
function refused(refusal: string): HeapproofError {
  const [, code, sentence] = /^([a-z-]+)(?:: (.*))?$/s.exec(refusal) ?? ['', 'sampler-failed', refusal]
  if (code === 'already-profiling') return alreadyProfiling()
  return new HeapproofError(code as string, `cannot start the sampler: ${sentence ?? code}`)
}

function alreadyProfiling(): HeapproofError {
  const into = currentSession()
  const where = into === undefined ? 'elsewhere in this process' : `into ${into.fileBase}`
  return new HeapproofError(
    'already-profiling',
    `a recording is under way ${where}: stop() it before the next start()`,
  )
}
