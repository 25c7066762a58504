/**
 * Every mistake a caller can make, and every refusal of the machine, reaches the caller as this error.
 * `code` is stable and meant for programs; `message` is one sentence for people: it names the thing,
 * what was expected, and what came.
 */
export class HeapproofError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'HeapproofError'
    this.code = code
  }
}
