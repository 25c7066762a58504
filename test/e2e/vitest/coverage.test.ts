import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hits } from '../cases/coverage.js'
import { Project, repository } from './project.js'
import { vitests } from './versions.js'

const COVERAGE = 'node_modules/@vitest/coverage-v8'

test.each(['forks', 'threads'])('while V8 collects coverage, in %s', async (pool) => {
  using project = new Project('coverage', vitests['4.1']())
  mkdirSync(join(project.root, 'node_modules/@vitest'))
  symlinkSync(join(repository, COVERAGE), join(project.root, COVERAGE), 'junction')
  const { output, tests } = await project.run('--coverage', `--pool=${pool}`)

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
