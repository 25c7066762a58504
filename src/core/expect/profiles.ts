import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { HeapproofError } from '../errors.js'

/** Where the profiles of one test file go. */
export interface ProfilePlace {
  /** The project's root directory; profiles go to `.heapproof` in it. */
  readonly root: string
  /** Path of the test file. */
  readonly testFile: string
  /** Name of the project in a run of several; empty or undefined otherwise. */
  readonly project?: string | undefined
}

const FOLDER = '.heapproof'
const LONGEST = 80
// Names that Windows keeps for devices.
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/

/**
 * Gives out the file bases of the profiles that failing tests of one file leave behind:
 * `<root>/.heapproof/<test file>/<test name>`, and `<test name>-2` for the second one of a name. Make one for each run of
 * a test file: the first profile of a test replaces what its earlier runs left there.
 */
export class ProfileKeeper {
  readonly #directory: string
  readonly #home: string
  readonly #given = new Set<string>()

  constructor(place: ProfilePlace) {
    this.#home = join(place.root, FOLDER)
    const project = place.project ? [slug(place.project)] : []
    this.#directory = join(this.#home, ...project, ...segments(relative(place.root, place.testFile)))
  }

  /**
   * A file base nobody else in this run has, in a directory that exists.
   *
   * @throws HeapproofError `cannot-write` when the directory cannot be made.
   */
  fileBase(testName: string): string {
    const name = slug(testName)
    try {
      makeHome(this.#home)
      mkdirSync(this.#directory, { recursive: true })
      if (!this.#given.has(name)) this.#removeStale(name)
    } catch (error) {
      throw new HeapproofError('cannot-write', `cannot keep a profile in ${this.#directory}: ${(error as Error).message}`)
    }
    let unique = name
    for (let number = 2; this.#given.has(unique); number++) unique = `${name}-${number}`
    this.#given.add(unique)
    return join(this.#directory, unique)
  }

  /** What `name`, `name-2`, ... hold from an earlier run. */
  #removeStale(name: string): void {
    for (const file of readdirSync(this.#directory)) {
      const base = /^(.*?)\.hp[mdc]$/.exec(file)?.[1]
      if (base === undefined || this.#given.has(base)) continue
      if (base === name || (base.startsWith(`${name}-`) && /^\d+$/.test(base.slice(name.length + 1)))) {
        rmSync(join(this.#directory, file), { force: true })
      }
    }
  }
}

/** The folder ignores itself, so that nobody commits a profile by accident. */
function makeHome(home: string): void {
  if (mkdirSync(home, { recursive: true }) === undefined) return
  writeFileSync(join(home, '.gitignore'), '*\n')
}

/** The parts of a relative path; a test file outside the root must not lead outside `.heapproof`. */
function segments(path: string): string[] {
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
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
  const words = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  if (words !== '' && words.length <= LONGEST && !/[^\p{ASCII}]/u.test(plain) && !RESERVED.test(words)) return words
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  const kept = words.slice(0, LONGEST - hash.length - 1).replace(/-$/, '')
  return kept === '' ? `test-${hash}` : `${kept}-${hash}`
}

/** A path as people read it: relative to `root` when it lies inside, with forward slashes; URLs as they are. */
export function relativeTo(root: string, path: string): string {
  if (path === '' || /^[a-z][a-z+.-]+:/i.test(path)) return path
  const short = relative(root, path)
  return short.startsWith('..') || dirname(path) === path ? path : short.split(sep).join('/')
}
