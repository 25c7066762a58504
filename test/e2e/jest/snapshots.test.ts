import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import {
  BODIES,
  expectBodySnapshots,
  expectSnapshots,
  type SnapshotProject,
  testFile,
  WORK,
} from '../cases/snapshots.js'
import { Project, type Version, versions } from './project.js'

const CONFIG = (options: object) => `
  const { withHeapproof } = require('heapproof/jest/config')
  module.exports = withHeapproof(
    { testEnvironment: 'node', reporters: ['default', './outcomes.cjs'] },
    ${JSON.stringify(options)},
  )
`
const FLAGS = { ci: [], new: ['--ci=false'], update: ['--ci=false', '-u'] }

function projectOf(version: Version, options: object, args: readonly string[] = []) {
  const project = new Project(version, { 'jest.config.js': CONFIG(options) })
  const snapshots: SnapshotProject = {
    environment: `node ${Number.parseInt(process.versions.node, 10)}, ${process.arch}, jest ${version}`,
    inline: true,
    read: (path) => readFileSync(join(project.root, path), 'utf8'),
    write: (path, text) => project.write(path, text),
    async run(mode, env) {
      const { code, stdout, stderr, tests } = await project.run([...FLAGS[mode], ...args], env)
      return { code, output: stdout + stderr, tests }
    },
  }
  snapshots.write('work.js', `${WORK}module.exports = { fill, renamed, copy }\n`)
  return { project, snapshots }
}

test.each(versions)(
  'Jest %s: heap snapshots',
  async (version) => {
    const { project, snapshots } = projectOf(version, {})
    using _ = project
    const imports = "const { copy, fill, renamed } = require('./work.js')\n"
    snapshots.write('heap.test.js', imports + testFile(true))
    await expectSnapshots(snapshots)
  },
  600_000,
)

test.each(versions)(
  'Jest %s: snapshots of whole tests',
  async (version) => {
    const { project, snapshots } = projectOf(version, { snapshots: true })
    using _ = project
    snapshots.write('heap.test.js', `const { fill } = require('./work.js')\n${BODIES}`)
    await expectBodySnapshots(snapshots)
  },
  300_000,
)

test.each(versions)(
  'Jest %s: snapshots of whole tests, made to repeat in its workers',
  async (version) => {
    const { project, snapshots } = projectOf(version, { snapshots: { tests: true, reproducible: true } })
    using _ = project
    snapshots.write('heap.test.js', `const { fill } = require('./work.js')\n${BODIES}`)
    await expectBodySnapshots({ ...snapshots, environment: `${snapshots.environment}, reproducible` })
  },
  300_000,
)

// Jest 29 runs tests in a worker here all the same, since its workers have a limit of memory.
test('Jest 30: in its own process nothing is made to repeat, and no snapshot says so', async () => {
  const { project, snapshots } = projectOf(30, { snapshots: { tests: true, reproducible: true } }, [
    '--runInBand',
  ])
  using _ = project
  snapshots.write('heap.test.js', `const { fill } = require('./work.js')\n${BODIES}`)
  await expectBodySnapshots(snapshots)
}, 300_000)
