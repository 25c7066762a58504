import { resolve } from 'node:path'
import { clearInterval, setInterval } from 'node:timers'
import { type Addon, addon, DOMAIN_BITS, SOURCE } from '../addon.js'
import { HeapproofError } from '../errors.js'
import { endWithProcess } from './end-with-process.js'
import { makeLinesExact } from './exact-lines.js'
import { header } from './header.js'
import { createLogFiles } from './log-files.js'
import { makeRoom } from './make-room.js'
import { checkFileBase, ruleOf, type Settings, type StartOptions, settingsFrom } from './options.js'
import { refused, refuseSecond } from './refusal.js'
import { annotateFromDisk } from './source-map-file.js'
import { setCurrentSession, setLastStackDepth } from './state.js'

/** Milliseconds between two writes of what was recorded, as long as the event loop turns. */
const FLUSH_INTERVAL = 250

/**
 * Records sampled allocations and frees of this thread into `fileBase.hpm` and `fileBase.hpd`, until {@link stop} or the
 * end of the process. A former profile there is replaced, once the recording has begun. Both files are created with
 * mode 0600. What is live meanwhile can be asked for as well: see {@link takeSnapshot}.
 *
 * The first start in a thread takes V8's Maglev out of use, for good, so that lines can be told, and with it all optimised
 * code: see {@link StartOptions.exactLines}.
 *
 * @param fileBase path of the profile, without an extension. Its directory must exist.
 * @throws HeapproofError `invalid-argument`, `cannot-write`, `already-profiling`, `sampler-busy`, `unsupported` or
 *   `addon-unavailable`. Nothing is left behind then, and a former profile is untouched.
 */
export function start(fileBase: string, options?: StartOptions): void
/**
 * Traces sampled allocations and frees of this thread in memory, without any file, for {@link takeSnapshot} and
 * {@link getTracedMemory}, until {@link stop} or the end of the process.
 *
 * @throws HeapproofError the same codes but `cannot-write`.
 */
export function start(options?: StartOptions): void
export function start(first?: string | StartOptions, second?: StartOptions): void {
  if (second === undefined && (first === undefined || typeof first === 'object')) {
    startLiveView(settingsFrom(first))
  } else {
    checkFileBase(first)
    startRecording(first, settingsFrom(second))
  }
}

function startRecording(fileBase: string, settings: Settings): void {
  const native = readyAddon(settings)
  const files = createLogFiles(fileBase)
  const refusal = launch(native, settings, headerOf(settings), files.hpm, files.hpd)
  files.close()
  if (refusal !== undefined) {
    files.discard()
    throw refused(refusal, 'start()')
  }
  try {
    files.commit()
  } catch (error) {
    native.stop()
    files.discard()
    throw error
  }
  const base = resolve(fileBase)
  open(native, settings, base, (failure) => {
    if (native.namedSourceMaps()) annotateFromDisk(base)
    if (failure !== undefined) throw stoppedEarly(`the recording into ${base}`, failure)
  })
}

/**
 * Gives what begins a recording for a test runner that records each test: until `stop()`, or until the program starts
 * something of its own. What can be done once for all of them is. `ended` is given both files, if they are in memory; those
 * of a long recording are at `fileBase`, absolute, whose folder has to exist. Source maps are left to whoever reads the
 * profile. A recording under way when the process exits is nobody's, and is thrown away.
 *
 * @throws HeapproofError the same codes as `start` but `cannot-write`; the function it gives, too.
 */
export function quietStarter(
  fileBase: string,
  options: StartOptions,
): (ended: (recorded: ReturnType<Addon['recorded']>) => void) => void {
  const settings = settingsFrom(options)
  const described = headerOf(settings)
  return (ended) => {
    const native = readyAddon(settings)
    const refusal = launch(native, settings, described, -1, -1, fileBase)
    if (refusal !== undefined) throw refused(refusal, 'start()')
    const tell = () => {
      native.setOurs(true) // it may be the program that ends it, while it is counted
      try {
        ended(native.recorded())
      } finally {
        native.setOurs(false)
      }
    }
    open(native, settings, fileBase, tell, true)
  }
}

function startLiveView(settings: Settings): void {
  const native = readyAddon(settings)
  const refusal = launch(native, settings, headerOf(settings), -1, -1)
  if (refusal !== undefined) throw refused(refusal, 'start()')
  open(native, settings, undefined, (failure) => {
    if (failure !== undefined) throw stoppedEarly('the live view', failure)
  })
}

function readyAddon({ exactLines }: Settings): Addon {
  const native = addon()
  makeRoom()
  refuseSecond(native, 'start()')
  if (exactLines) makeLinesExact(native)
  return native
}

function headerOf(settings: Settings): string {
  return JSON.stringify(header(settings))
}

function launch(
  native: Addon,
  settings: Settings,
  described: string,
  hpm: number,
  hpd: number,
  fileBase?: string,
): string | undefined {
  const domains = settings.domains.reduce((sum, domain) => sum | DOMAIN_BITS[domain], 0)
  const { stackDepth, sampling, source, seed } = settings
  return native.start(
    hpm,
    hpd,
    described,
    domains,
    stackDepth,
    SOURCE[source],
    ruleOf(sampling),
    seed,
    fileBase,
  )
}

/** `ended` is told what the addon says at the end. */
function open(
  native: Addon,
  { stackDepth }: Settings,
  fileBase: string | undefined,
  ended: (failure: string | undefined) => void,
  quiet = false,
): void {
  // Taken from node:timers when this module was loaded: a test's fake timers must not stop the writing.
  const timer = setInterval(() => native.flush(), FLUSH_INTERVAL).unref()
  const forget = quiet ? undefined : endWithProcess()
  setLastStackDepth(stackDepth)
  setCurrentSession({
    kind: fileBase === undefined ? 'live' : 'recording',
    fileBase,
    quiet,
    end() {
      clearInterval(timer)
      forget?.()
      ended(native.stop())
    },
  })
}

/** The error for a sampler that ended before it was told to. */
function stoppedEarly(what: string, failure: string): HeapproofError {
  return new HeapproofError('sampler-failed', `${what} stopped early: ${failure}`)
}
