import { beginAside, endAside } from './aside.js'

/** Does something inside a test that does not count for it. */
export function uncounted<T>(work: () => T): T {
  beginAside()
  try {
    return work()
  } finally {
    endAside()
  }
}
