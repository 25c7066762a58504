/**
 * Under these names, as `Symbol.for('heapproof.…')`, `globalThis` holds what is true of a whole isolate. What is not here
 * belongs to one realm: a measurement under way, above all.
 */
const NAMES = ['aside', 'bracket', 'exactLines', 'session', 'tests']

/**
 * Lets the copies of heapproof in another realm of this isolate, a context of `node:vm`, work with the state of this one.
 * Until the realm is thrown away, that is; nothing here keeps it alive.
 *
 * @param realm its global object
 */
export function shareState(realm: object): void {
  const here = globalThis as { [key: symbol]: object | undefined }
  for (const name of NAMES) {
    const key = Symbol.for(`heapproof.${name}`)
    Object.defineProperty(realm, key, {
      configurable: true,
      get: () => here[key],
      set(value: object | undefined) {
        here[key] = value && { ...value } // an object of that realm would keep all of it alive
      },
    })
  }
}
