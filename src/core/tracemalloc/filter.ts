import { HeapproofError } from '../errors.js'
import { boolean, checkOptions, integer, type OptionRule } from '../text/options.js'
import { show } from '../text/show.js'
import { DOMAINS, type Domain, type Frame, type Trace } from '../types.js'
import { fnmatch } from './fnmatch.js'
import { framesInFiles, newestFrame } from './traceback.js'

/** Which frames a {@link Filter} looks for, and where. */
export interface FilterOptions {
  /** Only this line, from 1. */
  readonly lineno?: number
  /** Looks at all frames of a stack; else at the newest one alone. */
  readonly allFrames?: boolean
  /** Only stacks of this domain. */
  readonly domain?: Domain
}

const domainRule: OptionRule = (value) =>
  (DOMAINS as readonly unknown[]).includes(value) ? undefined : "'heap', 'arrayBuffer' or 'native'"

const optionRules = { lineno: integer(0, Number.MAX_SAFE_INTEGER), allFrames: boolean, domain: domainRule }

/** Chooses stacks by the names of their files. */
export class Filter {
  /** True keeps what matches, false leaves it out. */
  readonly inclusive: boolean
  readonly filenamePattern: string
  readonly lineno: number | undefined
  readonly allFrames: boolean
  readonly domain: Domain | undefined
  readonly #matches: (name: string) => boolean
  /** Names come again and again. */
  readonly #known = new Map<string, boolean>()

  /**
   * @param inclusive True keeps what matches, false leaves it out.
   * @param filenamePattern Whole name of a file with `*`, `?`, `[seq]` and `[!seq]`, as in tracemalloc; `*` takes slashes
   *   as well.
   * @throws HeapproofError `invalid-argument`.
   */
  constructor(inclusive: boolean, filenamePattern: string, options?: FilterOptions) {
    check('Filter', 'inclusive', inclusive, boolean)
    check('Filter', 'filenamePattern', filenamePattern, aString)
    const { lineno, allFrames = false, domain } = checkOptions('Filter', options, optionRules)
    this.inclusive = inclusive
    this.filenamePattern = filenamePattern
    this.lineno = lineno
    this.allFrames = allFrames
    this.domain = domain
    this.#matches = fnmatch(filenamePattern)
    Object.freeze(this)
  }

  /** Whether the filter lets a stack through. With a domain, one that leaves out does so in this domain alone. */
  matches(trace: Trace): boolean {
    const hit = this.allFrames
      ? framesInFiles(trace).some((frame) => this.#matchesFrame(frame))
      : this.#matchesFrame(newestFrame(trace))
    const inDomain = this.domain === undefined || trace.domain === this.domain
    return (hit && inDomain) === this.inclusive
  }

  #matchesFrame({ file, line }: Frame): boolean {
    if (this.lineno !== undefined && line !== this.lineno) return false
    let hit = this.#known.get(file)
    if (hit === undefined) {
      hit = this.#matches(file)
      this.#known.set(file, hit)
    }
    return hit
  }
}

/** Chooses stacks by their domain. */
export class DomainFilter {
  /** True keeps this domain, false leaves it out. */
  readonly inclusive: boolean
  readonly domain: Domain

  /** @throws HeapproofError `invalid-argument`. */
  constructor(inclusive: boolean, domain: Domain) {
    check('DomainFilter', 'inclusive', inclusive, boolean)
    check('DomainFilter', 'domain', domain, domainRule)
    this.inclusive = inclusive
    this.domain = domain
    Object.freeze(this)
  }

  /** Whether the filter lets a stack through. */
  matches(trace: Trace): boolean {
    return (trace.domain === this.domain) === this.inclusive
  }
}

/** What `filterTraces` takes. */
export type TraceFilter = Filter | DomainFilter

/**
 * Makes one test of several filters: at least one of those that keep must match, if there are any, and every one of
 * those that leave out must let the stack through.
 *
 * @throws HeapproofError `invalid-argument` when it is no list of filters.
 */
export function allOf(filters: Iterable<TraceFilter>): (trace: Trace) => boolean {
  const list = listOf(filters)
  const keeping = list.filter((filter) => filter.inclusive)
  const leaving = list.filter((filter) => !filter.inclusive)
  return (trace) =>
    (keeping.length === 0 || keeping.some((filter) => filter.matches(trace))) &&
    leaving.every((filter) => filter.matches(trace))
}

function listOf(filters: Iterable<TraceFilter>): TraceFilter[] {
  const list = isIterable(filters) ? Array.from(filters) : undefined
  // Not by class: a program may have loaded the ES module and the CommonJS build.
  const wrong = list?.findIndex((filter) => typeof filter?.matches !== 'function')
  if (list !== undefined && wrong === -1) return list
  throw new HeapproofError(
    'invalid-argument',
    `filterTraces: expected a list of Filter and DomainFilter objects, received ${show(list === undefined ? filters : list[wrong as number])}`,
  )
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

const aString: OptionRule = (value) => (typeof value === 'string' ? undefined : 'a string')

function check(what: string, name: string, value: unknown, rule: OptionRule): void {
  const expected = rule(value)
  if (expected === undefined) return
  throw new HeapproofError(
    'invalid-argument',
    `${what}: ${name} must be ${expected}, received ${show(value)}`,
  )
}
