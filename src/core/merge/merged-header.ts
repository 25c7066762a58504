import { EVENT } from '../format/cursor.js'
import type { AskedSampling, MergedThread } from '../format/header.js'
import { RULE, type Sampling } from '../format/sampling.js'
import type { Reader } from '../reader.js'
import { DOMAINS, type Domain } from '../types.js'
import { earliestStart } from './interleave.js'

/** The number of a thread of one input among those of all inputs. */
export type ThreadNumber = (thread: number) => number

/** Gives the threads of all inputs numbers of their own, in the order of the inputs. */
export class MergedThreads {
  /** By number. */
  readonly list: MergedThread[] = []

  add(reader: Reader): ThreadNumber {
    const { pid = 0, thread = 0, command = [], merged } = reader.header ?? {}
    const numbers = new Map<number, number>()
    const name = (of: number, named: MergedThread) => numbers.set(of, this.list.push(named) - 1)
    name(0, merged?.[0] ?? { pid, thread, command })
    for (const native of otherThreads(reader)) {
      name(native, merged?.[native] ?? { pid, thread, command, native })
    }
    return (own) => numbers.get(own) ?? 0
  }
}

/** Threads besides 0. A walk through the events, where threads of no isolate can be in them at all. */
function otherThreads(reader: Reader): Iterable<number> {
  const { merged, domains } = reader.header ?? {}
  if (merged !== undefined) return merged.slice(1).map((_, index) => index + 1)
  const threads = new Set<number>()
  if (domains?.includes('native') === false) return threads
  const cursor = reader.cursor()
  while (cursor.next()) if (cursor.thread > 0) threads.add(cursor.thread)
  return threads
}

/** How the domains of a merged recording are sampled. What is sampled in another way carries its own scale. */
export type Rules = Readonly<Partial<Record<Domain, Sampling>>>

/** The rules that most is known under: where inputs differ, a table, else the longest interval. */
export function mergedRules(readers: readonly Reader[]): Rules {
  const rules: Partial<Record<Domain, Sampling>> = {}
  for (const reader of readers) {
    const cursor = reader.cursor()
    while (cursor.next() && cursor.kind === EVENT.sampling);
    for (const domain of DOMAINS) {
      const own = cursor.samplingOf(domain)
      if (own !== undefined) rules[domain] = coarser(rules[domain], own)
    }
  }
  return rules
}

function coarser(known: Sampling | undefined, other: Sampling): Sampling {
  if (known === undefined) return other
  if (known.rule !== RULE.poisson || other.rule !== RULE.poisson)
    return known.rule === RULE.poisson ? other : known
  return other.interval > known.interval ? other : known
}

/** The header of a merged recording: that of the first input, with what is true of all. */
export function mergedHeader(readers: readonly Reader[], threads: readonly MergedThread[]): object {
  const headers = readers.flatMap(({ header }) => header ?? [])
  const asked = headers.map(({ sampling }) => sampling)
  const sampling = asked.find((one) => 'table' in one) ?? longest(asked)
  return {
    ...headers[0],
    startTime: earliestStart(readers),
    sampling,
    samplingInterval: 'interval' in sampling ? sampling.interval : 0,
    stackDepth: Math.max(0, ...headers.map(({ stackDepth }) => stackDepth)),
    domains: DOMAINS.filter((domain) => headers.some(({ domains }) => domains.includes(domain))),
    exactLines: headers.every(({ exactLines }) => exactLines),
    source: common(headers.map(({ source }) => source)),
    sourceReason: common(headers.map(({ sourceReason }) => sourceReason)),
    seed: undefined,
    merged: threads,
  }
}

function longest(asked: readonly AskedSampling[]): { readonly interval: number } {
  const interval = (one: AskedSampling): number => ('interval' in one ? one.interval : 0)
  return { interval: Math.max(0, ...asked.map(interval)) }
}

/** `mixed` where inputs differ. */
function common(texts: readonly string[]): string {
  return texts.every((text) => text === texts[0]) ? (texts[0] ?? '') : 'mixed'
}
