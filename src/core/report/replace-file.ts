import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file whole or not at all: what was there stays until the new one is complete. Makes the folder.
 *
 * @throws what the file system says.
 */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.new-${process.pid}`
  mkdirSync(dirname(path), { recursive: true })
  try {
    writeFileSync(temporary, text)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
