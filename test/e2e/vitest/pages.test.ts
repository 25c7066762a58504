import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Project, repository } from './project.js'
import { vitest } from './versions.js'

const STORED = 'test/__snapshots__/feed.test.js.snap'
const NAME = 'a small feed, within what is stored'

/** Every number, and all space, alike. */
const masked = (text: string) =>
  text
    .replaceAll(/[~±+]?\d[\d.,]*(?: [kM]?B\b| %)?/g, '#')
    .replaceAll(/ +/g, ' ')
    .trim()
const majorOf = (version: string) => Number.parseInt(version, 10)

test('snapshots.md: the message of a feed that grew, numbers aside', async () => {
  using project = new Project('../../../fixtures/runs/project')
  const config = "import { heapproof } from 'heapproof/vitest'\nexport default { plugins: [heapproof()] }\n"
  writeFileSync(join(project.root, 'vitest.config.mjs'), config)
  // What was stored by Node 20 and Vitest 4 is what is stored here: it is less than half of what any of them allocates.
  const { version } = JSON.parse(readFileSync(join(vitest, 'package.json'), 'utf8'))
  const here = `node ${majorOf(process.versions.node)}, ${process.arch}, vitest ${majorOf(version)}`
  const path = join(project.root, STORED)
  writeFileSync(path, readFileSync(path, 'utf8').replace('node 20, x64, vitest 4', here))
  const { tests } = await project.run()
  const page = readFileSync(join(repository, 'docs/snapshots.md'), 'utf8')
  const [, shown = ''] = /^```\n(expect\(received\)\.toMatchHeapSnapshot[\s\S]*?)^```$/m.exec(page) ?? []
  const printed = tests.get(NAME)?.message.replace(/\n +at [\s\S]*$/, '') ?? ''
  expect(masked(printed.replace(/^Error: /, ''))).toBe(masked(shown))
}, 300_000)
