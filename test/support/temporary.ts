import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One place for all of them, so that what a killed run left is found by the next. */
const PLACE = join(tmpdir(), 'heapproof-tests')

let swept = false

/** A new folder, named after the process that made it. Who asks for it removes it. */
export function temporaryFolder(): string {
  mkdirSync(PLACE, { recursive: true })
  if (!swept) sweep()
  swept = true
  return realpathSync(mkdtempSync(join(PLACE, `${process.pid}-`)))
}

/** Removes the folders of processes that are gone. */
export function sweep(place = PLACE): void {
  for (const name of readdirSync(place)) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) rmSync(join(place, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
