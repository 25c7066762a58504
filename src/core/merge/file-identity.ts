import { statSync } from 'node:fs'

/** The same text for all names of a file; undefined when there is none, or when it cannot be looked at. */
export function fileIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
