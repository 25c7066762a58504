// What empty tests read: a thousand in one file, every other one asynchronous.
//
//   node benchmark/empty.mjs [--runner vitest|jest] [--runs 3]
//
// Lists each that does not read 0 bytes, with its certainty and the reason in its record.
import { parseArgs } from 'node:util'
import { RUNNERS, SuiteProject } from './suites/project.mjs'

const { runner, runs } = parseArgs({
  options: { runner: { type: 'string', default: 'vitest' }, runs: { type: 'string', default: '3' } },
}).values
if (!(runner in RUNNERS) || !(Number(runs) >= 1)) {
  console.error(`empty: --runner takes one of ${Object.keys(RUNNERS).join(', ')}, --runs a number from 1`)
  process.exit(1)
}

const EACH = 500
const tests = Array.from(
  { length: EACH },
  (_, i) => `test('sync ${i}', () => {})\ntest('async ${i}', async () => {})`,
)

const project = new SuiteProject(runner)
try {
  project.write('limits.json', '[]')
  project.writeTests('empty.test.js', tests.join('\n'))
  for (let run = 1; run <= Number(runs); run++) await list(run)
} finally {
  project.remove()
}

async function list(run) {
  const { tests } = await project.run('')
  const others = tests.filter(({ record }) => record?.allocated !== 0)
  console.log(
    `Node ${process.version}, ${runner}, run ${run}: ${tests.length - others.length} of ${tests.length} read 0 bytes`,
  )
  for (const { name, record } of others) {
    const { allocated, certainty, reason } = record ?? {}
    console.log(`  ${name}: ${allocated} bytes, ${certainty}${reason ? `: ${reason}` : ''}`)
  }
}
