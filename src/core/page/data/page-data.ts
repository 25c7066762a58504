import { basename } from 'node:path'
import type { DigestProgress } from '../../digest/steps.js'
import type { EventCursor } from '../../format/cursor.js'
import { SourceText } from '../../frames/source-text.js'
import { EVENTS_A_STEP, factorsOf } from '../../reader/facts.js'
import { factsOf, recordingOf } from '../../reader/recording-of.js'
import type { Reader } from '../../reader.js'
import { printable } from '../../text/printable.js'
import { DOMAINS } from '../../types.js'
import { collect, type Totals } from './collect.js'
import type { PageHead, ProfileFacts, TimeColumns } from './format.js'
import type { SourcePlaces } from './frames.js'
import { pack } from './pack.js'
import { PageStacks } from './stacks.js'

/** What a page is made of besides its recordings. */
export interface PageDataOptions extends Pick<SourcePlaces, 'nameOf'> {
  /** A folder, under which lines of source may be read. */
  readonly sourceRoot: string | undefined
  /** Called now and then, while events of a recording are gone through. */
  readonly onProgress?: ((progress: DigestProgress) => void) | undefined
}

export interface PageData {
  readonly text: string
  /** By recording. */
  readonly totals: readonly Totals[]
}

/** Walks through all events: for the facts, for the peak, for the steps. */
const WALKS = 3

/**
 * The data of a page of one recording, or of two: then the second is what the first is compared with.
 *
 * Cost: three walks through the events of each, two with a digest beside it; memory grows with the number of stacks and,
 * up to a limit, with that of sampled objects.
 */
export function pageData(
  readers: readonly Reader[],
  { nameOf, sourceRoot, onProgress }: PageDataOptions,
): PageData {
  const stacks = new PageStacks()
  const totals: Totals[] = []
  const profiles = readers.map((reader) => {
    const { tables, origin } = recordingOf(reader)
    const progress = (cursor: EventCursor, events: number, passed: number): void => {
      const bytes = passed * origin.eventsSize + cursor.consumed
      onProgress?.({ events, time: cursor.time / 1e6, bytes, totalBytes: WALKS * origin.eventsSize })
    }
    const factors = tallied(reader, (cursor, events) => progress(cursor, events, 0))
    const collected = collect(reader, {
      traces: stacks.add(reader),
      domains: tables.traceDomains,
      factors,
      progress: (cursor, events) => progress(cursor, events, WALKS - 1),
    })
    totals.push(collected.totals)
    return { ...factsOfProfile(reader, factors), columns: collected.columns }
  })
  const sources = sourceRoot === undefined ? undefined : new SourceText(sourceRoot)
  const { texts, columns } = stacks.columns({ nameOf, sources })
  const text = pack<PageHead>((place) => ({
    domains: DOMAINS,
    ...texts,
    stacks: place(columns),
    profiles: profiles.map((profile) => ({ ...profile, columns: place<TimeColumns>(profile.columns) })),
  }))
  return { text, totals }
}

/** What estimates are multiplied by. Walks all events, unless a digest knows. */
function tallied(reader: Reader, progress: (cursor: EventCursor, events: number) => void): readonly number[] {
  const facts = factsOf(reader)
  if (!(reader.hasDigest || facts.isTallied)) {
    let events = 0
    for (const cursor of facts.steps()) {
      events += EVENTS_A_STEP
      progress(cursor, events)
    }
  }
  return factorsOf(facts.tallied)
}

function factsOfProfile(reader: Reader, factors: readonly number[]): Omit<ProfileFacts, 'columns'> {
  const { time, bytes } = reader.peak()
  const name = printable(basename(reader.fileBase))
  return { name, factors, peakTime: Math.round(time * 1e6), peakBytes: bytes }
}
