const KEY = Symbol.for('heapproof.tests')

/** The tests of this isolate that are measured. */
interface Tests {
  /** What stands for each one whose code may run now. */
  readonly running: Set<object>
  /** How many have begun. */
  begun: number
}

const holder = globalThis as { [KEY]?: Tests }

/** One for all copies of heapproof in this realm. */
export function tests(): Tests {
  holder[KEY] ??= { running: new Set(), begun: 0 }
  return holder[KEY]
}

/** Whether several run at the same time. */
export function testsOverlap(): boolean {
  return tests().running.size > 1
}

/** Watches from now on: what comes back says whether another test has run beside the one that calls. */
export function watchOtherTests(): () => boolean {
  const { begun } = tests()
  const others = testsOverlap()
  return () => others || tests().begun !== begun
}
