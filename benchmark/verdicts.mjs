// Whether limits that were kept once are kept again: a suite of mixed tests runs, 20 in each of ten files, each test then gets
// what it allocated plus a tenth as its limit, and the suite runs ten times more.
//
//   node benchmark/verdicts.mjs [--runner vitest|jest] [--files 10] [--runs 10] [--options '<of heapproof>'] [--margin 0.1]
//     [--flags='<of V8>'] [--args='<of the runner>']
//
// The first run, with a limit far away, passes: so each test that fails later has another verdict. Prints these with what they
// allocated in each run (! where they failed), and exits with 1 when there are any.
import { parseArgs } from 'node:util'
import { EACH, mixed } from './suites/mixed.mjs'
import { RUNNERS, SuiteProject } from './suites/project.mjs'

const { runner, options, ...given } = parseArgs({
  options: {
    runner: { type: 'string', default: 'vitest' },
    files: { type: 'string', default: '10' },
    runs: { type: 'string', default: '10' },
    margin: { type: 'string', default: '0.1' },
    options: { type: 'string', default: '' },
    flags: { type: 'string', default: '' },
    args: { type: 'string', default: '' },
  },
}).values
if (!(runner in RUNNERS)) {
  console.error(`verdicts: --runner takes one of ${Object.keys(RUNNERS).join(', ')}, received ${runner}`)
  process.exit(1)
}

const [files, repeats] = [Number(given.files), Number(given.runs)]
if (!(files >= 1 && repeats >= 1)) {
  console.error('verdicts: --files and --runs take numbers from 1')
  process.exit(1)
}

const count = files * EACH
const project = new SuiteProject(runner, words(given.flags))
try {
  for (const [path, text] of Object.entries(mixed(files))) project.writeTests(path, text)
  report(await verdicts())
} finally {
  project.remove()
}

/** What came of each test in the first run, and in each of those that had limits. */
async function verdicts() {
  limit(() => 1e12)
  const first = await run()
  limit((i) => Math.ceil(first.get(String(i)).record.allocated * (1 + Number(given.margin))))
  const runs = []
  for (let i = 1; i <= repeats; i++) {
    const tests = await run()
    runs.push(tests)
    const failed = [...tests.values()].filter(({ state }) => state !== 'passed')
    const doubtful = [...tests.values()].filter(({ record }) => record?.limits[0]?.verdict === 'cannot-tell')
    console.log(`run ${i}: ${failed.length} of ${tests.size} failed, ${doubtful.length} in doubt`)
  }
  return { first, runs }
}

function limit(of) {
  project.write('limits.json', JSON.stringify(Array.from({ length: count }, (_, i) => of(i))))
}

async function run() {
  const { tests, output } = await project.run(options, words(given.args))
  if (tests.length !== count) throw new Error(`${tests.length} tests ran:\n${output}`)
  return new Map(tests.map((test) => [test.name, test]))
}

function report({ first, runs }) {
  const differ = [...first.keys()].filter((name) => runs.some((tests) => tests.get(name).state !== 'passed'))
  for (const name of differ) {
    const bytes = runs.map((tests) => {
      const { state, record } = tests.get(name)
      return `${record.allocated}${state === 'passed' ? '' : '!'}`
    })
    console.log(`test ${name}: ${first.get(name).record.allocated} at first, then ${bytes.join(' ')}`)
  }
  console.log(
    `Node ${process.version}, ${runner}: of ${count} tests ${differ.length} had another verdict in ${runs.length} runs`,
  )
  process.exitCode = differ.length === 0 ? 0 : 1
}

function words(text) {
  return text.split(' ').filter(Boolean)
}
