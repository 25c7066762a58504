// node benchmark/run.mjs: how much slower programs run under heapproof, and under what one would use instead; and, when
// everything is measured, how fast recordings are read (reading.mjs).
//
//   --rounds N        how often everything is run (default 5; with --instructions 1)
//   --work NAME       only this piece of work (works/index.mjs); may be given several times
//   --way NAME        only this way of running it, beside "nothing" (ways/index.mjs); likewise
//   --instructions    count instructions on small sizes instead of taking the time: no noise, but slow
//   --json            every run as one line of JSON, as soon as it is done, instead of tables
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { clock, counters } from './instruments.mjs'
import { measureAll } from './measure.mjs'
import { isUsable } from './packages.mjs'
import { markdown, tableOf, UNITS } from './table.mjs'
import { ways as allWays } from './ways/index.mjs'
import { works as allWorks } from './works/index.mjs'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    work: { type: 'string', multiple: true },
    way: { type: 'string', multiple: true },
    instructions: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds ?? (options.instructions ? 1 : 5))
if (!Number.isInteger(rounds) || rounds < 1)
  fail(`--rounds takes a whole number from 1, received ${options.rounds}`)
const instrument = options.instructions ? firstAvailable(counters) : firstAvailable([clock])
const works = withoutUnprepared(chosen('--work', options.work, allWorks))
const ways = withoutMissing(chosen('--way', options.way && ['nothing', ...options.way], allWays))

const common = { ways, rounds, instrument, onProgress: progress }
const asJson = (run) => options.json && console.log(JSON.stringify({ node: process.version, ...run }))
const runs = measureAll({
  ...common,
  onRun: asJson,
  works,
  sizeOf: ({ sizes }) => (options.instructions ? sizes?.counted : sizes?.timed),
})
// A process that does nothing of the work, to subtract. The size is all that tells it.
const without = options.instructions
  ? measureAll({
      ...common,
      onRun: (run) => asJson({ ...run, work: undefined }),
      works: { objects: allWorks.objects },
      sizeOf: () => 0,
    })
  : undefined
progress('')

if (!options.json) print()
// What recordings cost to read belongs to the whole picture; not to a part of it that somebody has asked for.
const isWhole =
  !options.json && !options.instructions && options.work === undefined && options.way === undefined
if (isWhole) spawnSync(process.execPath, [join(import.meta.dirname, 'reading.mjs')], { stdio: 'inherit' })

function print() {
  const kinds = options.instructions ? ['instructions'] : ['cpu', 'wall']
  const head = `Node ${process.version}, ${process.platform}-${process.arch}, ${availableParallelism()} CPUs; ${count(rounds, 'round')}.`
  for (const kind of kinds) {
    const table = markdown(tableOf({ runs, works, ways, unit: UNITS[kind], without }))
    const title = kind === 'wall' ? 'wall clock' : instrument.title
    console.log(`\n${capital(title)}, as a ratio to "nothing". ${head}\n\n${table}`)
  }
}

function chosen(option, names, table) {
  if (names === undefined) return table
  const unknown = names.find((name) => !(name in table))
  if (unknown !== undefined)
    fail(`${option} takes one of ${Object.keys(table).join(', ')}, received ${unknown}`)
  return Object.fromEntries(Object.entries(table).filter(([name]) => names.includes(name)))
}

function withoutMissing(table) {
  const usable = ([, way]) => way.package === undefined || isUsable(way.package) || skip(way)
  return Object.fromEntries(Object.entries(table).filter(usable))
}

function withoutUnprepared(table) {
  return Object.fromEntries(
    Object.entries(table).filter(([, { title, prepare }]) => {
      const problem = prepare?.()
      if (problem !== undefined) console.error(`benchmark: left out, because ${problem}: ${title}`)
      return problem === undefined
    }),
  )
}

function skip({ title, package: name }) {
  console.error(`benchmark: left out, because ${name} cannot be installed for this Node: ${title}`)
  return false
}

function firstAvailable(instruments) {
  const found = instruments.find((each) => each.unavailable() === undefined)
  return found ?? fail(instruments.map((each) => each.unavailable()).join('; '))
}

/** One line that replaces itself, for a person who waits; nothing where nobody does. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1)
}

function fail(sentence) {
  console.error(`benchmark: ${sentence}`)
  process.exit(1)
}
