// npm run benchmark: how fast heapproof is in every respect, beside its peers: about an hour on a quiet machine.
//
//   --only PART    only this part (all/parts.mjs); may be given several times
//   --report       puts the tables into docs/performance.md, and that of the bars as all tables there have it then
//   --small        little of everything: to see that it works, the numbers mean nothing
//
// Any option of run.mjs, such as --work, --way, --instructions, makes it run that script alone.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { barRows } from './all/bars.mjs'
import { parts } from './all/parts.mjs'
import { readTable } from './all/read-table.mjs'
import { here } from './paths.mjs'
import { putIntoPage, takeFromPage } from './put-into-page.mjs'
import { markdown } from './table.mjs'

const PAGE = 'docs/performance.md'
const given = process.argv.slice(2)
if (given.some((arg) => /^--(rounds|work|way|instructions|json)/.test(arg))) {
  process.exit(
    spawnSync(process.execPath, [join(here, 'run.mjs'), ...given], { stdio: 'inherit' }).status ?? 1,
  )
}
const { only, report, small } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(parts) },
    report: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
  },
}).values
const unknown = only.find((name) => !(name in parts))
if (unknown !== undefined) {
  console.error(`benchmark: --only takes one of ${Object.keys(parts).join(', ')}, received ${unknown}`)
  process.exit(1)
}

const machine = `Node ${process.version}, ${process.platform}-${process.arch}, ${availableParallelism()} CPUs.`
console.log(machine)
const tables = {}
for (const name of only) {
  const { title, script, args, small: few } = parts[name]
  const began = Date.now()
  const { stdout, status } = spawnSync(process.execPath, [join(here, script), ...(small ? few : args)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const table = status === 0 ? readTable(stdout) : undefined
  const minutes = ((Date.now() - began) / 60_000).toFixed(1)
  console.log(`\n${title} (${minutes} minutes)\n`)
  if (table === undefined) {
    console.log(`${script} ended with ${status}`)
    process.exitCode = 1
    continue
  }
  tables[name] = table
  console.log(table.markdown)
  // As soon as it is there: who interrupts the rest keeps this.
  if (report) putIntoPage(PAGE, name, `${machine}\n\n${table.markdown}`)
}
const known = report ? { ...tablesOnPage(), ...tables } : tables
const overview = markdown([['what', 'bar', 'heapproof', 'peer', 'met'], ...barRows(known)])
console.log(`\n${overview}`)
if (report) putIntoPage(PAGE, 'bars', `${machine}\n\n${overview}`)

/** What was measured before: a part alone changes its own rows. */
function tablesOnPage() {
  const found = Object.keys(parts).map((name) => [name, readTable(takeFromPage(PAGE, name))])
  return Object.fromEntries(found.filter(([, table]) => table !== undefined))
}
