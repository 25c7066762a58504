// The bars that heapproof wants to keep, beside what was measured and beside its peers.

/** A ratio, or a number with a unit behind it. */
const number = (cell) => (cell === undefined ? Number.NaN : Number.parseFloat(cell.replaceAll(',', '')))

/** Programs under V8's own profiler at the same interval: at most so much more. */
const beside = (part, work, kib, more) => ({
  what: `${part === 'cpu' ? 'CPU' : 'instructions'}, ${work}, sampled every ${kib} KiB`,
  bar: `--heap-prof and ${more.toFixed(2)}`,
  part,
  measured: ({ cell }) => cell(`heapproof, ${kib} KiB`, work),
  peer: ({ cell }) => cell(`node --heap-prof, ${kib} KiB`, work),
  isMet: (measured, peer) => number(measured) <= number(peer) + more,
})

/** At an interval where sampling is most of the time, it is what V8's own sampling adds that is compared. */
const extraBeside = (work, kib, more) => ({
  ...beside('fine', work, kib, 0),
  bar: `extra of --heap-prof and ${more} %`,
  isMet: (measured, peer) => number(measured) - 1 <= (number(peer) - 1) * (1 + more / 100),
})

const atMost = (what, limit, part, row, column, peerRow) => ({
  what,
  bar: `at most ${limit}`,
  part,
  measured: ({ cell }) => cell(row, column),
  peer: ({ cell }) => peerRow && cell(peerRow, column),
  isMet: (measured) => number(measured) <= limit,
})

const suite = (part, title) => {
  const bar = (what, limit, row, column) =>
    atMost(`a suite, ${title}: ${what}`, limit, part, row, column, '--logHeapUsage')
  return [
    bar('counters and limits', 1.05, 'counters and limits', 'CPU'),
    bar('counters and limits, on the clock', 1.05, 'counters and limits', 'clock'),
    bar('profiles, too', 1.15, 'counters, limits', 'CPU'),
    bar('profiles, too, on the clock', 1.15, 'counters, limits', 'clock'),
  ]
}

const NONE = { bar: 'none', isMet: (measured) => number(measured) === 0 }

const counters = (part, work) =>
  atMost(`instructions, ${work}: counters alone`, 1.002, part, 'heapproof, counters', work, 'nothing, again')

const startUp = (what, row) => ({
  what: `start-up: ${what}`,
  bar: 'at most 15 ms',
  part: 'around',
  measured: ({ cell }) => cell(row, 'CPU'),
  peer: ({ cell }) => cell("loading and starting the inspector's", 'CPU'),
  isMet: (measured) => / [mµ]s$/.test(measured) && (measured.endsWith('µs') || number(measured) <= 15),
})

const grows = (what, unit) => ({
  what: `${what} beside a million live samples, not ten thousand`,
  bar: 'no dearer than V8 alone',
  part: 'live',
  measured: (table) => growth(table, `${what}, ${unit}: heapproof, direct`),
  peer: (table) => growth(table, `${what}, ${unit}: V8's profiler alone`),
  isMet: (measured, peer) => number(measured) <= number(peer) + 0.1,
})

/** Rows of reading.mjs. */
const READING = {
  'making a digest': '`makeDigest({interval',
  'walking by a cursor': 'walk: `reader.cursor',
  'walking by events()': 'walk: `reader.events',
}

export const bars = [
  ...['HTTP and JSON', 'TypeScript compile', 'object churn'].map((work) => counters('instructions', work)),
  ...['Buffer churn', 'malloc'].map((work) => counters('domains', work)),
  {
    what: 'a reading of the exact counters',
    bar: 'at most 0.5 µs',
    part: 'around',
    measured: ({ cell }) => cell('a reading', 'CPU'),
    peer: ({ cell }) => cell('v8.getHeapStatistics', 'CPU'),
    isMet: (measured) => measured.endsWith(' µs') && number(measured) <= 0.5,
  },
  ...['HTTP and JSON', 'TypeScript compile', 'object churn'].flatMap((work) => [
    beside('instructions', work, 128, 0.02),
    beside('instructions', work, 16, 0.05),
  ]),
  ...['HTTP and JSON', 'object churn'].map((work) => extraBeside(work, 1, 15)),
  beside('cpu', 'TypeScript compile', 128, 0.02),
  beside('cpu', 'TypeScript compile', 16, 0.05),
  atMost('CPU, HTTP and JSON, 128 KiB', 1.03, 'cpu', 'heapproof, 128 KiB', 'HTTP', '@datadog/pprof'),
  atMost(
    'CPU, TypeScript compile, 128 KiB',
    1.03,
    'cpu',
    'heapproof, 128 KiB',
    'TypeScript',
    '@datadog/pprof',
  ),
  atMost('CPU, object churn, 128 KiB', 1.03, 'cpu', 'heapproof, 128 KiB', 'object', '@datadog/pprof'),
  startUp('loading and starting by `heapproof run`', 'loading and starting by'),
  startUp('loading and starting the library', 'loading and starting the library'),
  atMost(
    'instructions of an empty program, recorded',
    1.2,
    'instructions',
    'heapproof, 128 KiB',
    'start-up',
    'node --heap-prof, 128',
  ),
  ...['cpu', 'domains'].flatMap((part) => {
    const kind = part === 'cpu' ? 'CPU' : 'instructions'
    const native = 'heapproof, 128 KiB, native'
    const peer = part === 'cpu' ? '@datadog/pprof' : 'node --heap-prof, 128'
    return [
      atMost(`${kind}, Buffer churn, 128 KiB`, 1.03, part, 'heapproof, 128 KiB', 'Buffer', peer),
      atMost(`${kind}, Buffer churn, native memory too, 128 KiB`, 1.03, part, native, 'Buffer', peer),
      atMost(`${kind}, malloc, native memory too, 128 KiB`, 1.03, part, native, 'malloc'),
    ]
  }),
  ...['Buffer churn', 'malloc'].map((work) =>
    atMost(
      `instructions, ${work}: hooks without samples`,
      1.01,
      'domains',
      'heapproof, hooks',
      work,
      'nothing, again',
    ),
  ),
  grows('an object', 'ns CPU'),
  grows('a scavenge', 'ms'),
  atMost('memory for a live sample, bytes', 64, 'memory', 'memory for a live sample, about 1,', 'takes'),
  atMost(
    'memory for an interned frame, bytes',
    32,
    'memory',
    'memory for an interned frame, about 8',
    'takes',
  ),
  atMost('log for an event, HTTP, bytes', 6, 'memory', 'log for an event, HTTP', 'takes'),
  atMost('log for an event, compile, bytes', 6, 'memory', 'log for an event, TypeScript', 'takes'),
  {
    what: 'log for a write of a thread that only allocates, bytes',
    bar: 'at least 65,536',
    part: 'memory',
    measured: ({ cell }) => cell('log for a write, nothing but', 'takes'),
    peer: () => undefined,
    isMet: (measured) => number(measured) >= 65_536,
  },
  ...['HTTP', 'TypeScript'].map((work) => ({
    what: `writes of the log inside of an allocation, ${work === 'HTTP' ? 'HTTP' : 'compile'}`,
    ...NONE,
    part: 'memory',
    measured: ({ cell }) => cell(`writes inside of an allocation, ${work}`, 'takes'),
    peer: () => undefined,
  })),
  ...suite('vitest-tiny', 'Vitest, tiny tests'),
  ...suite('vitest-working', 'Vitest, working tests'),
  ...suite('jest-tiny', 'Jest, tiny tests'),
  ...suite('jest-working', 'Jest, working tests'),
  ...Object.entries(READING).map(([what, row]) => ({
    what: `${what}, million events a second`,
    bar: 'at least 5',
    part: 'reading',
    measured: ({ cell }) => cell(row, 'million'),
    peer: () => undefined,
    isMet: (measured) => number(measured) >= 5,
  })),
  {
    what: 'opening a log of 1 GB: read of it and of its stacks, MB',
    bar: 'not all of it',
    part: 'opening',
    measured: ({ cell }) => cell('open:', 'read,'),
    peer: () => undefined,
    isMet: (measured) => number(measured) < 1000,
  },
]

function growth({ cell }, row) {
  return (number(cell(row, '1,000,000')) / number(cell(row, '10,000'))).toFixed(2)
}

/** A row for each bar of which the part was measured. */
export function barRows(tables) {
  return bars.flatMap(({ what, bar, part, measured, peer, isMet }) => {
    const table = tables[part]
    const found = table && measured(table)
    if (found === undefined) return []
    const other = peer(table)
    return [[what, bar, found, other ?? '', isMet(found, other) ? 'yes' : 'no']]
  })
}
