import type { Domain } from '../types.js'

/** What a digest's numbers depend on besides the code: digests of two environments are not comparable. */
export interface Environment {
  /** Major version of Node. */
  readonly node: number
  /** As in `process.arch`. */
  readonly arch: string
  /** The runner and its major version: `vitest 4`; the name alone where the version is not known. */
  readonly runner: string
  /** Whether the code under test was instrumented to see which of it runs. */
  readonly coverage: boolean
  /** Whether V8's choices were made to repeat: see `reproducible.ts`. */
  readonly reproducible: boolean
}

/** Exact bytes by domain. */
export interface Totals {
  readonly heap: number
  readonly arrayBuffer: number
  /** Undefined when native memory was not counted. */
  readonly native: number | undefined
}

/** What a function in a file allocated in one domain, at all its lines together. */
export interface DigestSite {
  readonly function: string
  /** Relative to the root of the project, with forward slashes; what is not a file as it is. */
  readonly file: string
  /** The line that allocates most, from 1; 0 when unknown. It helps people and takes no part in comparisons. */
  readonly line: number
  readonly domain: Domain
  /** Estimated bytes. */
  readonly bytes: number
  /** Standard error of `bytes`, in bytes. */
  readonly error: number
}

/** How sure the totals of a measurement are. */
export interface Certainty {
  /** Part of a total that may differ without any change of the code: 0.1 is a tenth. */
  readonly relative: number
  /** Bytes that may differ besides. */
  readonly absolute: number
  /** What may differ on the heap besides: a part, but no more than so many bytes. */
  readonly compilers: { readonly relative: number; readonly bytes: number }
  /** Bytes that may differ behind ArrayBuffers besides. */
  readonly pools: number
}

/** What one measurement found, ready to be compared with a snapshot. Plain data: it is also a line of the log. */
export interface HeapDigest {
  readonly environment: Environment
  readonly totals: Totals
  readonly certainty: Certainty
  /** All of them, heaviest first; undefined when nothing was sampled. */
  readonly sites: readonly DigestSite[] | undefined
  /** Mean bytes between two samples; undefined when nothing was sampled. */
  readonly samplingInterval: number | undefined
}

/** A difference that somebody allowed by hand at the end of a size: `±25%`, or `±20 kB`. */
export type Allowed = { readonly relative: number } | { readonly bytes: number }

interface StoredAmount {
  /** The line as it stands in the snapshot, without white space at its end. */
  readonly text: string
  /** Number of the line in the snapshot, from 1. */
  readonly number: number
  readonly bytes: number
  readonly allowed: Allowed | undefined
}

/** A line with the total of a domain. */
export interface StoredTotal extends StoredAmount {
  readonly kind: 'total'
  readonly domain: Domain
}

/** A line with a site. */
export interface StoredSite extends StoredAmount {
  readonly kind: 'site'
  readonly function: string
  readonly file: string
  readonly line: number
  readonly domain: Domain
}

/** The line with what all sites that are not listed allocate together. */
export interface StoredRest extends StoredAmount {
  readonly kind: 'rest'
}

/** Any line of a block but its first. */
export type StoredLine = StoredTotal | StoredSite | StoredRest

/** The part of a snapshot that was made in one environment. */
export interface StoredBlock {
  readonly environment: Environment
  readonly lines: readonly StoredLine[]
}

/** The same for all digests of a site, whatever line it is on. */
export function siteKey({ domain, file, function: name }: Pick<DigestSite, 'domain' | 'file' | 'function'>) {
  return `${domain}\0${file}\0${name}`
}
