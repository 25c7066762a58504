import type { ResolveSourceMap } from '../core/frames/annotate.js'
import type { FileSnapshots } from './snapshots.js'

const KEY = Symbol.for('heapproof.jest')

/** What our test runner, in the realm of Jest, hands to the realm of the tests. */
export interface Handed {
  /** Root directory of the project. */
  readonly root: string
  readonly cwd: string
  /** Whether this Node has the addon; else nothing is measured, and the tests run all the same. */
  readonly available: boolean
  /** Whether Jest collects coverage through V8. */
  readonly coverage: boolean
  /** Gives out the file bases of profiles. */
  fileBase(testFile: string, testName: string): string
  readonly resolve: ResolveSourceMap
  /** Loads a file of ours into the realm of the tests: as it is, whatever Jest does with what tests load. */
  load(path: string): unknown
  readonly snapshots: FileSnapshots
}

export function hand(realm: object, what: Handed): void {
  Object.defineProperty(realm, KEY, { value: what, configurable: true })
}

/** Undefined where another test runner is at work. */
export function handed(): Handed | undefined {
  return (globalThis as { [KEY]?: Handed })[KEY]
}
