import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { installed } from '../../support/prepared.js'
import { hits } from '../cases/coverage.js'
import { Project, repository } from './project.js'

const here = dirname(fileURLToPath(import.meta.url))
/** The `node_modules` with a Vitest and its providers of coverage, which it looks for beside itself. */
const installations = {
  v8: () => join(repository, 'node_modules'),
  istanbul: () => installed(join(here, 'tools/istanbul-4')),
}

beforeAll(() => void installations.istanbul(), 600_000)

test.each([
  ['v8', 'forks'],
  ['v8', 'threads'],
  ['istanbul', 'forks'],
] as const)('while %s collects coverage, in %s', async (provider, pool) => {
  const modules = installations[provider]()
  using project = new Project('coverage', join(modules, 'vitest'))
  mkdirSync(join(project.root, 'node_modules/@vitest'))
  const name = `@vitest/coverage-${provider}`
  symlinkSync(join(modules, name), join(project.root, 'node_modules', name), 'junction')
  const { output, tests } = await project.run(
    '--coverage',
    `--coverage.provider=${provider}`,
    `--pool=${pool}`,
  )

  for (const name of ['buffer', 'buffer, later']) {
    const { status, record } = tests.get(name) ?? {}
    expect({ status, megabytes: Math.floor((record?.arrayBuffers ?? 0) / 1e6) }, output).toEqual({
      status: 'passed',
      megabytes: 1,
    })
  }
  const { line } = project.find('src/work.ts', 'a line that allocates')
  for (const name of ['over', 'matcher'])
    expect(tests.get(name)?.message).toMatch(new RegExp(`makePoints +src/work\\.ts:${line}:\\d+`))
  expect(tests.get('over')?.message).toContain('{"allocated": "2MB"}')
  expect(tests.get('retained and peak')?.status, output).toBe('passed')

  const report = readFileSync(join(project.root, 'coverage/coverage-final.json'), 'utf8')
  expect(hits(report, 'work.ts')).toEqual({
    functions: { take: true, makePoints: true, never: false },
    missedLines: ['// never', 'take(1)'].map((text) => project.find('src/work.ts', text).line),
  })
})
