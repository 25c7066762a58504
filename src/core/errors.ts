const BRAND = Symbol.for('heapproof.error')

/**
 * Every mistake a caller can make, and every refusal of the machine, reaches the caller as this error.
 * `code` is stable and meant for programs; `message` is one sentence for people: it names the thing,
 * what was expected, and what came.
 */
export class HeapproofError extends Error {
  readonly code: string

  /** Each of our bundles has a copy of this class, in each realm. They are one. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  get [BRAND](): true {
    return true
  }

  constructor(code: string, message: string) {
    super(message)
    this.name = 'HeapproofError'
    this.code = code
  }
}
