import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXPORT_FORMATS, exportProfile } from '../../../src/core/export/export-profile.js'
import { takeSnapshot } from '../../../src/core/live/take-snapshot.js'
import { read } from '../../../src/core/reader.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { folderWith } from '../../support/command-line.js'
import { decodePprof, exactLog, exported, sum } from './support.js'

const SNAPSHOT = new Snapshot({
  traces: [
    {
      trace: {
        index: 1,
        domain: 'heap',
        frames: [{ function: 'f', file: '/a.js', line: 3, column: 5, approximate: false }],
        truncated: false,
      },
      bytes: 64.4,
      allocations: 2,
      samples: 1,
    },
  ],
  time: 1,
  sampling: { interval: 64 },
  tracebackLimit: 128,
})

const cases: [string, readonly unknown[], string | RegExp][] = [
  ['an unknown format', [SNAPSHOT, 'pprf'], 'unknown export format "pprf"; did you mean "pprof"?'],
  ['no format', [SNAPSHOT], /^unknown export format undefined; expected one of pprof, /],
  ['a name that every object has', [SNAPSHOT, '__proto__'], /^unknown export format "__proto__"; expected/],
  ['no profile', [undefined, 'json'], /^exportProfile: expected a Reader, a list of Readers or a Snapshot/],
  ['no readers', [[], 'json'], /^exportProfile: expected a Reader/],
  ['a list of other things', [[{}], 'json'], /^exportProfile: expected a Reader/],
  [
    'an unknown option',
    [SNAPSHOT, 'json', { att: 1 }],
    'exportProfile: unknown option "att"; did you mean "at"?',
  ],
  [
    'a time before the start',
    [SNAPSHOT, 'json', { at: -1 }],
    /^exportProfile: at must be a number of seconds/,
  ],
  ['a time that is no number', [SNAPSHOT, 'json', { at: Number.NaN }], /^exportProfile: at must be/],
  [
    'a value that is none',
    [SNAPSHOT, 'pprof', { value: 'x' }],
    /^exportProfile: value must be 'live' or 'allocated'/,
  ],
  ['a domain that is none', [SNAPSHOT, 'json', { domain: 'x' }], /^exportProfile: domain must be 'heap', /],
  ['a time for a snapshot', [SNAPSHOT, 'json', { at: 1 }], /^exportProfile: a snapshot has one time/],
  [
    'what a snapshot does not know',
    [SNAPSHOT, 'pprof', { value: 'allocated' }],
    /^exportProfile: a snapshot knows/,
  ],
  ['a value for json', [SNAPSHOT, 'json', { value: 'live' }], /^exportProfile: json holds both values/],
]

test.each(cases)('%s is refused at once', (_, args, message) => {
  const call = () => exportProfile(...(args as Parameters<typeof exportProfile>))
  expect(call).toThrow(message)
  expect(call).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
})

test('a reader that was closed', async () => {
  const reader = read(exactLog().write(join(folderWith(), 'log')))
  reader.close()
  for (const format of EXPORT_FORMATS) {
    await expect(exported(reader, format)).rejects.toMatchObject({ code: 'invalid-argument' })
  }
})

test('damage that is met on the way ends the export with its error', async () => {
  const log = exactLog()
  log.events.extended(1, 5, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0)) // a scale of 0
  using reader = read(log.write(join(folderWith(), 'log')))
  for (const format of EXPORT_FORMATS) {
    await expect(exported(reader, format)).rejects.toMatchObject({ code: 'damaged-profile' })
  }
})

test('an export that is left early does no harm', async () => {
  const log = exactLog()
  log.events.alloc(1, log.trace([{}]), 8)
  using reader = read(log.write(join(folderWith(), 'log')))
  for (const format of EXPORT_FORMATS) {
    for await (const _ of exportProfile(reader, format)) break
  }
  expect((await exported(reader, 'collapsed')).toString()).toBe('f (/app/main.js:1) 8\n')
})

test('a snapshot in every format: live bytes only', async () => {
  const text = async (format: 'collapsed' | 'json' | 'speedscope' | 'heapprofile') =>
    (await exported(SNAPSHOT, format)).toString()
  expect(await text('collapsed')).toBe('f (/a.js:3) 64\n')
  const [trace] = JSON.parse(await text('json')).traces
  expect(trace).toMatchObject({ live: { bytes: 64, allocations: 2 } })
  expect(trace).not.toHaveProperty('allocated')
  const names = JSON.parse(await text('speedscope')).profiles.map(({ name }: { name: string }) => name)
  expect(names).toEqual(['live at 1.000 s, heap, 64.4 B'])
  expect(JSON.parse(await text('heapprofile')).samples).toEqual([{ size: 64, nodeId: 2, ordinal: 1 }])
  const { profile, samples } = decodePprof(await exported(SNAPSHOT, 'pprof'))
  expect(samples.map(({ values }) => values)).toEqual([{ inuse_objects: 2, inuse_space: 64 }])
  expect(profile.stringTable.strings[Number(profile.defaultSampleType)]).toBe('inuse_space')
})

test('a snapshot of this thread, and the recording that goes on', async () => {
  const base = join(folderWith(), 'run')
  const kept: unknown[] = []
  start(base, { samplingInterval: 1024 })
  try {
    for (let i = 0; i < 20_000; i++) kept.push({ i })
    const snapshot = takeSnapshot()
    const { samples } = decodePprof(await exported(snapshot, 'pprof'))
    expect(sum(samples.map(({ values }) => values.inuse_space as number))).toBe(Math.round(snapshot.total))
    using reader = read(base) // while it is written
    const { samples: recorded } = decodePprof(await exported(reader, 'pprof'))
    expect(sum(recorded.map(({ values }) => values.alloc_space as number))).toBeGreaterThan(300_000)
  } finally {
    stop()
  }
  expect(kept).toHaveLength(20_000)
})
