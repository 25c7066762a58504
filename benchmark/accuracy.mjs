// How right the numbers are, on four versions of Node: npm run accuracy
//
//   npm run accuracy                # prints three tables
//   npm run accuracy -- --only 24   # with one Node, may be given more than once
//   npm run accuracy -- --report    # puts them into docs/accuracy.md
//
// Uses the binaries of `npm run prebuilds`, which it runs first, and the Nodes of `npm run test:matrix`.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../native/build/source-digest.mjs'
import { exactTable } from './accuracy/exact.mjs'
import { linesTable } from './accuracy/lines.mjs'
import { sampledTable } from './accuracy/sampled.mjs'
import { putIntoPage } from './put-into-page.mjs'
import { markdown } from './table.mjs'

const MAJORS = ['20', '22', '24', '26']
const { only = MAJORS, report } = parseArgs({
  options: { only: { type: 'string', multiple: true }, report: { type: 'boolean', default: false } },
}).values
const unknown = only.find((major) => !MAJORS.includes(major))
if (unknown !== undefined) {
  console.error(`accuracy: --only takes one of ${MAJORS.join(', ')}, received ${unknown}`)
  process.exit(1)
}

const nodes = only.map((major) => join(root, '.matrix/nodes/node_modules', `node-${major}`, 'bin/node'))
const tables = {
  exact: exactTable(nodes, run),
  sampled: sampledTable(nodes, run),
  lines: linesTable(nodes, run),
}
for (const [name, rows] of Object.entries(tables)) {
  const table = markdown(rows)
  console.log(`\n${table}`)
  if (report) putIntoPage('docs/accuracy.md', name, table)
}

/** Runs a program with a Node and our prebuilt binary for it; what it printed as JSON. */
function run(node, args) {
  const env = { ...process.env, PREBUILDS_ONLY: '1', NODE_OPTIONS: '' }
  return JSON.parse(execFileSync(node, args, { env, encoding: 'utf8', maxBuffer: 2 ** 28 }))
}
