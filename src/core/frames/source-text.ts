import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'

/** Longer files are no source that anybody wrote. */
const LARGEST_FILE = 10 * 1024 * 1024
/** What is kept of all files together: a profile may name every file there is. */
const LARGEST_CACHE = 10 * LARGEST_FILE

/** The ends of lines that V8 counts. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/
/** A URL. One letter before the colon is a drive of Windows. */
const URL_SCHEME = /^[a-z][a-z0-9+.-]+:/i
/** A share of Windows: looking for it would already call another machine. */
const NETWORK_SHARE = /^[\\/]{2}/

/**
 * Lines of source files, for people to read beside a stack.
 *
 * Names of files come from profiles, which may be a stranger's, so what is read is bounded: regular files alone, whose
 * real path, symbolic links followed, lies under `root`; at most 10 MiB of each and 100 MiB in all. Each file is opened
 * once, and is shown as it was then.
 */
export class SourceText {
  readonly #root: string | undefined
  readonly #byName = new Map<string, readonly string[]>()
  readonly #byPath = new Map<string, readonly string[]>()
  #left = LARGEST_CACHE

  /** `root` is a folder; names that are not absolute are taken from there. Nothing is found when it does not exist. */
  constructor(root: string) {
    this.#root = attempt(() => realpathSync(resolve(root)))
  }

  /**
   * The text of a line, from 1, without its end; undefined when there is none that may be shown. Bytes that are no UTF-8
   * come as U+FFFD. Never throws.
   */
  line(file: string, line: number): string | undefined {
    let lines = this.#byName.get(file)
    if (lines === undefined) {
      lines = this.#linesOf(file)
      this.#byName.set(file, lines)
    }
    return lines[line - 1]
  }

  #linesOf(name: string): readonly string[] {
    if (this.#root === undefined || name === '') return []
    if (URL_SCHEME.test(name) || NETWORK_SHARE.test(name)) return []
    const root = this.#root
    const path = attempt(() => realpathSync(resolve(root, name)))
    if (path === undefined || !isUnder(root, path)) return []
    let lines = this.#byPath.get(path)
    if (lines === undefined) {
      const text = attempt(() => readText(path, Math.min(this.#left, LARGEST_FILE))) ?? ''
      this.#left -= text.length
      lines = text === '' ? [] : text.split(LINE_END)
      this.#byPath.set(path, lines)
    }
    return lines
  }
}

function isUnder(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Undefined for what is no regular file, and for what has more than `limit` bytes. */
function readText(path: string, limit: number): string | undefined {
  // Asked before opening: opening a device may do something. Asked again after it, since another file may be there now;
  // without O_NONBLOCK opening a named pipe would wait for a writer for ever, and the last name of the path is no link.
  if (!statSync(path).isFile()) return undefined
  const descriptor = openSync(
    path,
    constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0),
  )
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile() || stat.size > limit) return undefined
    const bytes = Buffer.alloc(stat.size)
    let length = 0
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, length)
      if (count === 0) break
      length += count
    }
    const text = bytes.toString('utf8', 0, length)
    return text.startsWith('\uFEFF') ? text.slice(1) : text
  } finally {
    closeSync(descriptor)
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
