import type { Addon } from '../addon.js'

const KEY = Symbol.for('heapproof.exactLines')
const isolate = globalThis as { [KEY]?: { done: boolean; coverage: boolean } }

function state(): { done: boolean; coverage: boolean } {
  isolate[KEY] ??= { done: false, coverage: process.env.NODE_V8_COVERAGE !== undefined }
  return isolate[KEY]
}

/** To be called where somebody else collects coverage from V8: we must not switch that off. */
export function coverageIsOn(): void {
  state().coverage = true
}

/**
 * From now on V8 runs only code whose lines can be told. Its Maglev keeps no table from machine code to lines, so a
 * function that is warm, not yet hot, would be known by its start only: it stays off. So does Sparkplug where its code
 * cannot be told (a build of Node without symbols). That makes warm code slower, which is why it is done when a recording
 * starts and not before.
 *
 * What they have compiled already is thrown away: a change of V8's coverage mode, there and back, takes all optimised
 * code out of use (V8 has no other public way). That takes a millisecond. Where the mode must not be touched, and for
 * Sparkplug's code, one full collection drops the bytecode of functions that do not run, and what was made from it: 10 to
 * 30 ms on small heaps. Once per isolate.
 *
 * @param fresh nothing of interest has been compiled yet: then there is nothing to throw away
 * @returns whether code was thrown away, so that the next calls compile again
 */
export function makeLinesExact(
  native: Pick<Addon, 'collectGarbage' | 'knowsBaselineLines' | 'noteOlderCode' | 'setFlags' | 'switchOff'>,
  fresh = false,
): boolean {
  const { done, coverage } = state()
  if (done) return false
  state().done = true
  // Before anything is thrown away: what V8 compiles from then on has every position.
  native.noteOlderCode()
  const sparkplugIsKnown = native.knowsBaselineLines()
  if (!sparkplugIsKnown) native.switchOff('sparkplug')
  native.switchOff('maglev')
  if (fresh) return false
  // Behind the collection, if there is one: once the mode has changed, V8 keeps all bytecode.
  if (!sparkplugIsKnown || coverage) dropWithBytecode(native)
  if (!coverage) deoptimize()
  return true
}

function dropWithBytecode(native: Pick<Addon, 'collectGarbage' | 'setFlags'>): void {
  native.setFlags('--flush-baseline-code --stress-flush-code')
  native.collectGarbage()
  native.setFlags('--no-stress-flush-code --no-flush-baseline-code')
}

function deoptimize(): void {
  try {
    const { Session } = process.getBuiltinModule('node:inspector')
    const session = new Session()
    session.connect()
    session.post('Profiler.enable')
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    session.post('Profiler.stopPreciseCoverage')
    session.post('Profiler.disable')
    session.disconnect()
  } catch {
    // A Node without inspector: functions optimised before are known by their start.
  }
}
