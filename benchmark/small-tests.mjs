// What next to nothing reads: empty tests, one assertion, an empty worker thread; and what a full collection takes where tests run.
//
//   node benchmark/small-tests.mjs [--times 50]
//
// Each body is a test `--times` times over, in a file of its own, in Vitest and in Jest. Prints bytes: the least, the
// middle and the most of all; of the collection the milliseconds.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from './paths.mjs'
import { RUNNERS, SuiteProject } from './suites/project.mjs'
import { markdown } from './table.mjs'

const { times } = parseArgs({ options: { times: { type: 'string', default: '50' } } }).values
const TIMES = Number(times)

const BODIES = {
  'an empty test': '() => {}',
  'an empty asynchronous test': 'async () => {}',
  'an empty generator': 'function* () {}',
  '`expect(1).toBe(1)`': '() => { expect(1).toBe(1) }',
  'ten promises, awaited': 'async () => { for (let i = 0; i < 10; i++) await null }',
}
/** Generators are tests in Jest alone. */
const isFor = (runner, body) => runner === 'jest' || !body.startsWith('function*')

const COLLECTION = `
  const gc = () => {
    require('node:v8').setFlagsFromString('--expose-gc')
    return require('node:vm').runInNewContext('gc')
  }
  const collect = gc()
  const took = []
  for (let i = 0; i < ${TIMES}; i++) {
    const begin = process.hrtime.bigint()
    collect()
    took.push(Number(process.hrtime.bigint() - begin) / 1e6)
  }
  require('node:fs').writeFileSync('collections.json', JSON.stringify(took))`

const columns = []
for (const runner of Object.keys(RUNNERS)) columns.push(await measured(runner))
const rows = [...Object.keys(BODIES), 'a full collection, ms'].map((name) => [
  name,
  ...columns.map((column) => column.get(name) ?? ''),
])
console.log(`Node ${process.version}; least, middle and most of ${TIMES}, in bytes.\n`)
console.log(
  markdown([['', ...Object.keys(RUNNERS).map((name) => (name === 'jest' ? 'Jest' : 'Vitest'))], ...rows]),
)
console.log(`\nan empty worker thread: ${spread(await workers())}`)

async function measured(runner) {
  const project = new SuiteProject(runner)
  try {
    project.write('limits.json', '[]')
    const bodies = Object.entries(BODIES).filter(([, body]) => isFor(runner, body))
    bodies.forEach(([, body], file) => {
      const tests = Array.from({ length: TIMES }, (_, i) => `test('${file} ${i}', ${body})`)
      project.writeTests(`${file}.test.js`, tests.join('\n'))
    })
    const require =
      runner === 'vitest'
        ? "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\n"
        : ''
    project.writeTests('collect.test.js', `${require}test('collect', () => {${COLLECTION}})`)
    const { tests } = await project.run('profile: false')
    const column = bodies.map(([name], file) => {
      const own = tests.filter((test) => test.name.startsWith(`${file} `))
      return [name, spread(own.map(({ record }) => record.allocated))]
    })
    const took = JSON.parse(readFileSync(join(project.root, 'collections.json'), 'utf8'))
    return new Map([...column, ['a full collection, ms', spread(took.map((ms) => Math.round(ms)))]])
  } finally {
    project.remove()
  }
}

/** What an empty worker thread reads, from its first module to its end. */
async function workers() {
  const { measure } = createRequire(import.meta.url)(bundle('index.cjs'))
  const { readings } = await measure(
    () => {
      const { Worker } = process.getBuiltinModule('node:worker_threads')
      return new Promise((resolve) => new Worker('', { eval: true }).on('exit', resolve))
    },
    { runs: 10, sample: false, workers: true },
  )
  return readings.map(({ heap, arrayBuffers }) => heap + arrayBuffers)
}

function spread(values) {
  if (values.length === 0) return ''
  const sorted = [...values].sort((a, b) => a - b)
  const [least, middle, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)]
  return [least, middle, most].map((value) => value.toLocaleString('en')).join(' / ')
}
