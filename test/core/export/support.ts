import { gunzipSync } from 'node:zlib'
import { Profile } from 'pprof-format'
import {
  type ExportFormat,
  type ExportOptions,
  exportProfile,
} from '../../../src/core/export/export-profile.js'
import type { ProfileView } from '../../../src/core/export/view.js'
import type { Reader } from '../../../src/core/reader.js'
import type { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { LogBuilder } from '../../support/log-builder.js'

export async function exported(
  profile: Reader | readonly Reader[] | Snapshot,
  format: ExportFormat,
  options?: ExportOptions,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of exportProfile(profile, format, options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export interface PprofSample {
  readonly values: Readonly<Record<string, number>>
  readonly labels: Readonly<Record<string, string>>
  /** `function file:line`, leaf first. */
  readonly stack: readonly string[]
}

/** A pprof profile, decoded by pprof-format and put together. */
export function decodePprof(bytes: Uint8Array): {
  readonly profile: Profile
  readonly samples: readonly PprofSample[]
} {
  const profile = Profile.decode(gunzipSync(bytes))
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] as string
  const functions = new Map(profile.function.map((item) => [Number(item.id), item]))
  const locations = new Map(profile.location.map((item) => [Number(item.id), item]))
  const place = (id: number | bigint): string => {
    const line = locations.get(Number(id))?.line[0]
    const owner = functions.get(Number(line?.functionId))
    if (line === undefined || owner === undefined) throw new Error(`location ${id} leads nowhere`)
    return `${text(owner.name)} ${text(owner.filename)}:${line.line}`
  }
  const names = profile.sampleType.map(({ type }) => text(type))
  const samples = profile.sample.map(({ value, label, locationId }) => ({
    values: Object.fromEntries(names.map((name, index) => [name, Number(value[index])])),
    labels: Object.fromEntries(label.map(({ key, str }) => [text(key), text(str)])),
    stack: locationId.map(place),
  }))
  return { profile, samples }
}

export function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}

/** Fractional bytes of a view. */
export function totals({ traces }: ProfileView): { allocated: number; live: number } {
  return {
    allocated: sum(traces.map(({ allocated }) => allocated.bytes)),
    live: sum(traces.map(({ live }) => live.bytes)),
  }
}

/** A log that records every object, so that numbers are easy to follow. */
export function exactLog(header?: object): LogBuilder {
  const log = new LogBuilder(header)
  for (const domain of ['heap', 'arrayBuffer'] as const) log.events.sampling(0, domain, 0)
  return log
}

/** Names that something or other takes for more than a name. */
export const NASTY = [
  '__proto__',
  'constructor',
  '',
  ' ',
  'a;b',
  'a 12',
  'a 12 34',
  'tab\there',
  'two\nlines',
  'two\r\nlines',
  '\u2028\u2029',
  '\0',
  '\ud800 alone',
  'alone \udc00',
  '"quoted\\"',
  '</script><script>alert(1)</script>',
  '<!--',
  '../../../etc/passwd',
  '%s%n',
  'ünïcödé 😀',
  '#comment',
]
