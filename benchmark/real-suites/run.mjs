// Test suites of well-known packages, run without heapproof and with it: npm run real-suites
//
//   npm run real-suites                          every suite, by Vitest and by Jest: about half an hour
//   npm run real-suites -- --suite zod           one of them (suites/index.mjs), may be given several times
//   npm run real-suites -- --runner jest         likewise: vitest or jest
//   npm run real-suites -- --node 24             by another Node of `npm run test:matrix`; there Vitest is version 5
//   npm run real-suites -- --report              puts the tables into docs/real-suites.md; rows of what was not run now are
//                                                those of the last time it was
//   npm run real-suites -- --outputs FOLDER      keeps what the runners printed
//   npm run real-suites -- --heapproof FOLDER    another copy of this repository, built
//
// Exits with 1 when a test's verdict was another one, or when anything crashed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installLocked } from '../../native/build/install-locked.mjs'
import { root } from '../../native/build/source-digest.mjs'
import { putIntoPage } from '../put-into-page.mjs'
import { Results } from './results.mjs'
import { runners } from './runners.mjs'
import { suites } from './suites/index.mjs'
import { linesTable, suitesTable } from './tables.mjs'
import { trial } from './trial.mjs'
import { Workspace } from './workspace.mjs'

const NODES = ['20', '22', '24', '26']
const options = parseArgs({
  options: {
    suite: { type: 'string', multiple: true, default: Object.keys(suites) },
    runner: { type: 'string', multiple: true, default: Object.keys(runners) },
    node: { type: 'string', default: process.versions.node.split('.')[0] },
    heapproof: { type: 'string', default: root },
    outputs: { type: 'string' },
    report: { type: 'boolean', default: false },
  },
}).values
check('--suite', options.suite, Object.keys(suites))
check('--runner', options.runner, Object.keys(runners))
check('--node', [options.node], NODES)

const matrix = join(root, '.matrix')
const installed = join(matrix, 'real-suites')
installLocked(join(root, 'benchmark/real-suites/packages'), installed)
const isOwnNode = process.versions.node.startsWith(`${options.node}.`)
if (!isOwnNode) installLocked(join(root, 'test/matrix/nodes'), join(matrix, 'nodes'))
const node = isOwnNode
  ? process.execPath
  : join(matrix, 'nodes/node_modules', `node-${options.node}`, 'bin/node')
const isNew = Number(options.node) >= 24
if (isNew) installLocked(join(root, 'test/matrix/vitest-5'), join(matrix, 'vitest-5'))
const vitest = isNew ? join(matrix, 'vitest-5/node_modules/vitest') : undefined

const workspace = new Workspace({ installed, heapproof: options.heapproof, vitest })
process.once('SIGINT', () => process.exit(130))
process.once('exit', () => workspace.remove())
const results = new Results(join(matrix, 'real-suites-results', `node-${options.node}`))
let isGood = true
for (const name of options.suite) {
  for (const runner of options.runner) {
    const { folder, manifest } = workspace.copy(name, suites[name])
    const suite = { ...suites[name], name, folder, aliases: suites[name].aliases?.(manifest) ?? {} }
    const onProgress = (what) => progress(`${name}, ${runner}: ${what}`)
    const found = await trial({ node, runner, suite, heapproof: options.heapproof, onProgress })
    progress('')
    tell(`${name}, ${runner}`, found)
    isGood &&= found.changed.length + found.crashes.length === 0
    results.add({ name, runner, version: manifest.version, found })
    for (const [run, text] of options.outputs === undefined ? [] : found.outputs) {
      mkdirSync(options.outputs, { recursive: true })
      writeFileSync(join(options.outputs, `${name}-${runner}-${run}.txt`), text)
    }
  }
}
const tables = { suites: suitesTable(results.all()), lines: linesTable(results.all()) }
for (const [name, table] of Object.entries(tables)) {
  console.log(`\n${table}`)
  if (options.report) putIntoPage('docs/real-suites.md', `${name}, Node ${options.node}`, table)
}
process.exitCode = isGood ? 0 : 1

/** What was found in one suite, in words. */
function tell(title, { tests, failing, files, changed, snapshots, crashes, evidence, sampled, second }) {
  console.log(`${title}: ${tests} tests, ${failing.length} fail or waver without heapproof`)
  const say = (what, list) => {
    if (list.length > 0) console.log(`  ${what}: ${list.length}`)
    for (const each of list.slice(0, 20))
      console.log(`    ${each.slice(0, 900).replaceAll('\n', '\n      ')}`)
  }
  const asText = ({ run, name, message }) => `[${run}] ${name}\n${message}`
  say('files that do not load without it', [...files.keys()])
  say('verdicts that changed', changed.map(asText))
  say('heap snapshots that did not match', snapshots.map(asText))
  say('crashes', crashes)
  say('profiles that cannot be read', sampled.unread)
  say(
    'not exact',
    [...evidence.reasons].map(([reason, count]) => `${count} ${reason}`),
  )
  say('changed for certain between two runs', second.changed)
}

function check(option, given, known) {
  const unknown = given.find((each) => !known.includes(each))
  if (unknown === undefined) return
  console.error(`real-suites: ${option} takes one of ${known.join(', ')}, received ${unknown}`)
  process.exit(1)
}

/** One line that replaces itself, for a person who waits. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
