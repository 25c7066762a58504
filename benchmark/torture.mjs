// What heapproof survives, at length: npm run torture
//
//   npm run torture                       everything, about half an hour
//   npm run torture -- --scale 0.05       a twentieth of it
//   npm run torture -- --only kill        one of them, may be given more than once
//   npm run torture -- --seed 7           other random choices (they are printed with what fails)
//   npm run torture -- --report           puts the table into docs/reliability.md
//
// Exits with 1 when anything failed.
import { parseArgs } from 'node:util'
import { putIntoPage } from './put-into-page.mjs'
import { markdown } from './table.mjs'
import { addons } from './torture/addons.mjs'
import { fullDisk } from './torture/full-disk.mjs'
import { fuzz } from './torture/fuzz.mjs'
import { kill } from './torture/kill.mjs'
import { randomNumbers } from './torture/random.mjs'
import { sanitizers } from './torture/sanitizers.mjs'
import { storms } from './torture/storms.mjs'

const torments = { fuzz, kill, 'full-disk': fullDisk, storms, addons, sanitizers }

const { only, scale, seed, report } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    report: { type: 'boolean', default: false },
  },
}).values
const unknown = only?.find((name) => !(name in torments))
if (unknown !== undefined) {
  console.error(`torture: --only takes one of ${Object.keys(torments).join(', ')}, received ${unknown}`)
  process.exit(1)
}

const rows = []
for (const name of only ?? Object.keys(torments)) {
  const began = Date.now()
  const setting = { scale: Number(scale), random: randomNumbers(Number(seed)) }
  for (const row of await torments[name](setting)) {
    rows.push({ ...row, seconds: (Date.now() - began) / 1000 })
    console.log(`${row.failures.length === 0 ? 'held  ' : 'FAILED'}  ${row.what}: ${row.tries}`)
    for (const failure of row.failures) console.log(`        ${failure}`)
  }
  // After each of them: who interrupts the rest keeps what there is.
  if (report) putIntoPage('docs/reliability.md', 'torture', table())
}
process.exitCode = rows.every(({ failures }) => failures.length === 0) ? 0 : 1

function table() {
  const cells = rows.map(({ what, tries, failures }) => [
    what,
    tries,
    failures.length === 0 ? 'none' : String(failures.length),
  ])
  const head = `Node ${process.version}, ${process.platform}-${process.arch}; scale ${scale}, seed ${seed}.`
  return `${head}\n\n${markdown([['what', 'how much', 'failures'], ...cells])}`
}
