import { readFileSync, writeFileSync } from 'node:fs'
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
import { Project } from './project.js'
import { runnable } from './versions.js'

const CONFIG = (options: object) => `
  import { heapproof } from 'heapproof/vitest'
  export default { plugins: [heapproof(${JSON.stringify(options)})] }
`
const FLAGS = { ci: [], new: [], update: ['-u'] }

function projectOf(version: string, vitest: string, options: object) {
  const project = new Project('empty', vitest)
  const snapshots: SnapshotProject = {
    environment: `node ${Number.parseInt(process.versions.node, 10)}, ${process.arch}, vitest ${version[0]}`,
    inline: version !== '3.2',
    read: (path) => readFileSync(join(project.root, path), 'utf8'),
    write: (path, text) => writeFileSync(join(project.root, path), text),
    async run(mode, env = {}) {
      const { exitCode, output, tests } = await project.run(
        ...FLAGS[mode],
        mode === 'ci' ? { ...env, CI: '1' } : env,
      )
      return { code: exitCode, output, tests }
    },
  }
  snapshots.write('vitest.config.ts', CONFIG(options))
  snapshots.write('work.js', `${WORK}export { fill, renamed, copy }\n`)
  return { project, snapshots }
}

test.each(runnable)(
  'Vitest %s: heap snapshots',
  async (version, vitest) => {
    const { project, snapshots } = projectOf(version, vitest(), {})
    using _ = project
    const imports = "import { expect, test } from 'vitest'\nimport { copy, fill, renamed } from './work.js'\n"
    snapshots.write('heap.test.js', imports + testFile(snapshots.inline))
    await expectSnapshots(snapshots)
  },
  600_000,
)

test.each(runnable)(
  'Vitest %s: snapshots of whole tests, made to repeat',
  async (version, vitest) => {
    const { project, snapshots } = projectOf(version, vitest(), {
      snapshots: { tests: true, reproducible: true },
    })
    using _ = project
    const imports = "import { test } from 'vitest'\nimport { fill } from './work.js'\n"
    snapshots.write('heap.test.js', imports + BODIES)
    await expectBodySnapshots({ ...snapshots, environment: `${snapshots.environment}, reproducible` })
  },
  300_000,
)
