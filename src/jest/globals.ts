/** What a set-up file and the tests have from Jest. */
export interface JestGlobals {
  readonly expect: {
    getState(): { readonly testPath?: string }
    addSnapshotSerializer(serializer: object): void
    extend(matchers: Record<string, (this: never, ...given: never[]) => unknown>): void
  }
  afterEach(hook: () => Promise<unknown> | undefined): void
}

// Jest makes it for each file; it must not be bundled.
const PACKAGE = '@jest/globals'

/** They are global, unless the configuration says `injectGlobals: false`: then only imports have them. */
export function jestGlobals(): JestGlobals {
  return 'expect' in globalThis ? (globalThis as unknown as JestGlobals) : require(PACKAGE)
}
