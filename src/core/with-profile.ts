import { type Reader, read } from './reader.js'

/**
 * Opens a profile for `use`, and closes it whatever happens. For what may run inside of tests, in place of `using`: the
 * contexts of Jest 29 and of Vitest's vm pools have no Symbol.dispose on Node 20.
 *
 * @throws HeapproofError as `read` does, and whatever `use` throws.
 */
export function withProfile<T>(fileBase: string, use: (reader: Reader) => T): T {
  const reader = read(fileBase)
  try {
    return use(reader)
  } finally {
    reader.close()
  }
}
