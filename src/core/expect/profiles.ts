import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { HeapproofError } from '../errors.js'

const FOLDER = '.heapproof'
const LONGEST = 80
// Names that Windows keeps for devices.
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/

/**
 * Gives out the file bases of the profiles that failing tests leave behind: `<root>/.heapproof/<test file>/<test name>`,
 * and `<test name>-2` for the second one of a name. With a project's name, for a run of several projects, that comes
 * before the test file. Make a new keeper for each run of a test file: the first profile that a keeper gives out for a
 * test replaces what earlier runs left there.
 */
export class ProfileKeeper {
  readonly #root: string
  readonly #home: string
  readonly #project: readonly string[]
  readonly #given = new Set<string>()

  constructor(root: string, project = '') {
    this.#root = root
    this.#home = join(root, FOLDER)
    this.#project = project === '' ? [] : [slug(project)]
  }

  /**
   * A file base that nobody else in this run has, in a directory that exists.
   *
   * @throws HeapproofError `cannot-write` when the directory cannot be made.
   */
  fileBase(testFile: string, testName: string): string {
    const directory = join(this.#home, ...this.#project, ...segments(relative(this.#root, testFile)))
    const first = join(directory, slug(testName))
    try {
      makeHome(this.#home)
      mkdirSync(directory, { recursive: true })
      if (!this.#given.has(first)) this.#removeStale(directory, slug(testName))
    } catch (error) {
      throw new HeapproofError(
        'cannot-write',
        `cannot keep a profile in ${directory}: ${(error as Error).message}`,
      )
    }
    let unique = first
    for (let number = 2; this.#given.has(unique); number++) unique = `${first}-${number}`
    this.#given.add(unique)
    return unique
  }

  /** How many were given out. */
  get given(): number {
    return this.#given.size
  }

  /** What `name`, `name-2`, ... hold from an earlier run. */
  #removeStale(directory: string, name: string): void {
    for (const file of readdirSync(directory)) {
      const base = /^(.*)\.(?:hp[mdc]|html)$/.exec(file)?.[1]
      if (base === undefined || this.#given.has(join(directory, base))) continue
      if (base === name || (base.startsWith(`${name}-`) && /^\d+$/.test(base.slice(name.length + 1)))) {
        rmSync(join(directory, file), { force: true })
      }
    }
  }
}

/** The folder ignores itself, so that nobody commits a profile by accident. */
export function makeHome(home: string): void {
  if (mkdirSync(home, { recursive: true }) === undefined) return
  writeFileSync(join(home, '.gitignore'), '*\n')
}

/** The parts of a relative path; a test file outside the root must not lead outside `.heapproof`. */
export function segments(path: string): string[] {
  return path
    .split(sep)
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (part === '..' ? '__' : part.replace(/[<>:"|?*]/g, '_')))
}

/**
 * A test's name as a file name: lower-case ASCII letters, digits and hyphens, at most 80. A name that loses something on
 * the way by being cut or written in another script carries eight digits of its hash, so that it stays its own.
 */
export function slug(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const words = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  if (words !== '' && words.length <= LONGEST && !/[^\p{ASCII}]/u.test(plain) && !RESERVED.test(words))
    return words
  // Loaded for such a name only: that takes a millisecond and a half, and there is a keeper for every test file.
  const { createHash } = process.getBuiltinModule('node:crypto')
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  const kept = words.slice(0, LONGEST - hash.length - 1).replace(/-$/, '')
  return kept === '' ? `test-${hash}` : `${kept}-${hash}`
}

/** A path as people read it: relative to `root` when it lies inside, with forward slashes; URLs as they are. */
export function relativeTo(root: string, path: string): string {
  if (path === '' || (path.includes(':') && /^[a-z][a-z+.-]+:/i.test(path))) return path
  const short = relative(root, path)
  return short.startsWith('..') || dirname(path) === path ? path : short.split(sep).join('/')
}
