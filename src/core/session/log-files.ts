import { closeSync, constants, existsSync, fchmodSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, sep } from 'node:path'
import { HeapproofError } from '../errors.js'

/** The two open files of a recording that has not begun. Nothing at the file base has been touched yet. */
export interface LogFiles {
  readonly hpm: number
  readonly hpd: number
  /** Gives the files their names, in place of what was there; a digest of the former recording goes with it. */
  commit(): void
  /**
   * Closes the files. At once when the sampler has its own descriptors: Node remembers what a worker opened and closes
   * that number when the worker ends, whatever it means by then.
   */
  close(): void
  /** Closes the files and takes them away. */
  discard(): void
}

/**
 * Creates both files of a recording beside their final names, empty and readable by nobody but the owner. Until
 * `commit()`, a former recording at the same file base stays whole.
 *
 * @throws HeapproofError `cannot-write`, naming the file base and the reason. Nothing is left behind then.
 */
export function createLogFiles(fileBase: string): LogFiles {
  refuseDirectories(fileBase)
  const mark = `new-${process.pid}-${String(Math.random()).slice(2)}` // two threads may write to the same base
  const temporary = { hpm: `${fileBase}.hpm.${mark}`, hpd: `${fileBase}.hpd.${mark}` }
  const remove = () => {
    for (const path of Object.values(temporary)) attempt(() => rmSync(path, { force: true }))
  }
  const opened: number[] = []
  const close = () => {
    for (const fd of opened.splice(0)) closeSync(fd)
  }
  const discard = () => {
    close()
    remove()
  }
  try {
    remove()
    const [hpm, hpd] = Object.values(temporary).map((path) => {
      const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
      opened.push(fd)
      fchmodSync(fd, 0o600) // the umask may have taken the owner's own rights
      return fd
    }) as [number, number]
    const commit = () => {
      try {
        rmSync(`${fileBase}.hpc`, { force: true })
        renameSync(temporary.hpd, `${fileBase}.hpd`)
        renameSync(temporary.hpm, `${fileBase}.hpm`)
      } catch (error) {
        throw cannotWrite(fileBase, reason(fileBase, error))
      }
    }
    return { hpm, hpd, commit, close, discard }
  } catch (error) {
    discard()
    throw cannotWrite(fileBase, reason(fileBase, error))
  }
}

function refuseDirectories(fileBase: string): void {
  const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (fileBase.endsWith('/') || fileBase.endsWith(sep) || attempt(() => isDirectory(fileBase))) {
    throw cannotWrite(fileBase, 'that is a directory; give a name inside it, without an extension')
  }
  for (const extension of ['hpm', 'hpd', 'hpc']) {
    const path = `${fileBase}.${extension}`
    if (attempt(() => isDirectory(path))) throw cannotWrite(fileBase, `${basename(path)} is a directory`)
  }
}

/** A path that cannot even be looked at holds nothing of ours and is no directory; opening it will say why. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

function reason(fileBase: string, error: unknown): string {
  const folder = dirname(fileBase) === '.' ? process.cwd() : dirname(fileBase)
  if (!existsSync(folder)) return `the directory ${folder} does not exist`
  if (!attempt(() => statSync(folder).isDirectory())) return `${folder} is not a directory`
  const { code, message } = error as NodeJS.ErrnoException
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOENT'
  return denied ? `the directory ${folder} is not writable` : message
}

function cannotWrite(fileBase: string, why: string): HeapproofError {
  return new HeapproofError('cannot-write', `cannot write a profile to ${fileBase}: ${why}`)
}
