// Whether planted leaks are found and named by line, and whether the same tests without the leak pass again and again.
//
//   node benchmark/leaks.mjs [--runner vitest|jest] [--clean 200] [--limit '50 B']
//
// Six leaks: a listener, a cache, a closure, a timer, a buffer, a native handle. Each is called by a test with
// `toRetainLessThan`, once with the leak, and `--clean` times without it. Exits with 1 when a leak is not found or not named,
// or a clean test fails.
import { parseArgs } from 'node:util'
import { LEAKS, moduleOf } from './suites/leaks.mjs'
import { RUNNERS, SuiteProject } from './suites/project.mjs'

const { runner, clean, limit } = parseArgs({
  options: {
    runner: { type: 'string', default: 'vitest' },
    clean: { type: 'string', default: '200' },
    limit: { type: 'string', default: '50 B' },
  },
}).values
const times = Number(clean)
if (!(runner in RUNNERS) || !(times >= 0)) {
  console.error('leaks: --runner takes vitest or jest, --clean a number from 0')
  process.exit(1)
}

const project = new SuiteProject(runner)
try {
  project.write('limits.json', '[]')
  for (const [name, leak] of Object.entries(LEAKS)) {
    project.write(`${name}.leaks.cjs`, moduleOf(leak, true))
    project.write(`${name}.clean.cjs`, moduleOf(leak, false))
    project.writeTests(`${name}.leaks.test.js`, `${requireOf(`${name}.leaks.cjs`)}\n${test(`${name} leaks`)}`)
    const tests = Array.from({ length: times }, (_, i) => test(`${name} ${i}`))
    if (times > 0)
      project.writeTests(`${name}.clean.test.js`, `${requireOf(`${name}.clean.cjs`)}\n${tests.join('\n')}`)
  }
  report(await project.run('profile: false'))
} finally {
  project.remove()
}

function requireOf(file) {
  return runner === 'jest'
    ? `const { work } = require('./${file}')`
    : `import { createRequire } from 'node:module'\nconst { work } = createRequire(import.meta.url)('./${file}')`
}

function test(name) {
  return `test('${name}', async () => { await expect(work).toRetainLessThan('${limit}') }, 60_000)`
}

function report({ tests, output }) {
  const wrong = []
  for (const name of Object.keys(LEAKS)) {
    const found = tests.find((test) => test.name === `${name} leaks`)
    // A row of the message: the function, and the line of the module that is marked.
    const named = new RegExp(`${name}\\.leaks\\.cjs:3:\\d+`).test(output)
    const passed = tests.filter(
      (test) => test.file === `${name}.clean.test.js` && test.state === 'passed',
    ).length
    console.log(
      `${name.padEnd(9)} ${found?.state === 'failed' ? 'found' : 'NOT FOUND'}, ` +
        `${named ? 'its line named' : 'its line NOT NAMED'}; clean: ${passed} of ${times} passed`,
    )
    if (found?.state !== 'failed') {
      // It passed, or it is not in the report, or its worker ended: what the runner said of the file tells.
      const said = output
        .split('\n')
        .filter((line) => line.includes(`${name}.leaks`) || /worker|crash/i.test(line))
      console.log(
        [`its test: ${JSON.stringify(found) ?? 'not in the report'}`, ...said.slice(0, 20)].join('\n  '),
      )
    }
    if (found?.state !== 'failed' || !named || passed < times) wrong.push(name)
  }
  console.log(
    `Node ${process.version}, ${runner}, limit ${limit}: ${wrong.length === 0 ? 'held' : `FAILED: ${wrong.join(', ')}`}`,
  )
  if (wrong.length > 0)
    console.log(
      output
        .split('\n')
        .filter((line) => /retained|cannot tell|Error:|between|\.cjs:\d/.test(line))
        .slice(0, 60)
        .join('\n'),
    )
  process.exitCode = wrong.length === 0 ? 0 : 1
}
