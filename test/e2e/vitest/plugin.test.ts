import { cpSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Project, repository } from './project.js'
import { runnable, vitests } from './versions.js'

beforeAll(() => runnable.forEach(([, vitest]) => void vitest()), 600_000)

test.each(runnable)(
  'reaches every project when one has it, and keeps profiles apart, Vitest %s',
  async (_, vitest) => {
    using project = new Project('projects', vitest())
    const { output } = await project.run()
    expect(output).toMatch(/2 failed \| 2 passed/)
    for (const name of ['in-processes', 'in-threads']) {
      expect(output).toContain(`Profile: .heapproof/${name}/list.test.ts/over\n`)
      expect(readdirSync(join(project.root, '.heapproof', name, 'list.test.ts'))).toEqual([
        'over.hpd',
        'over.hpm',
      ])
    }
  },
)

test('a second run replaces the profile of the first', async () => {
  using project = new Project('projects')
  const profile = join(project.root, '.heapproof/in-threads/list.test.ts/over.hpd')
  await project.run()
  const first = statSync(profile)
  const { output } = await project.run()
  expect(output).toContain('Profile: .heapproof/in-threads/list.test.ts/over\n')
  expect(statSync(profile).mtimeMs).toBeGreaterThan(first.mtimeMs)
  expect(readdirSync(join(profile, '..'))).toEqual(['over.hpd', 'over.hpm'])
})

test('refuses an option it does not know, before any test runs', async () => {
  using project = new Project('bad-option')
  const { output, exitCode, tests } = await project.run()
  expect(output).toContain('HeapproofError: heapproof(): unknown option "limit"; did you mean "limits"?')
  expect(exitCode).toBe(1)
  expect(tests.size).toBe(0)
})

/** A project in which these parts of heapproof are installed, not linked: Vite lets Node load what lies in `node_modules`. */
function installing(fixture: string, parts: readonly string[]): Project {
  const project = new Project(fixture)
  const installed = join(project.root, 'node_modules/heapproof')
  rmSync(installed)
  mkdirSync(installed)
  for (const name of parts) cpSync(join(repository, name), join(installed, name), { recursive: true })
  const loader = 'node_modules/node-gyp-build'
  symlinkSync(join(repository, loader), join(project.root, loader), 'junction')
  return project
}

const withoutAddon = () => installing('not-required', ['package.json', 'dist'])

test('another copy of Vitest than the one that runs the tests is an error: no limit would hold', async () => {
  using project = installing('bracket', ['package.json', 'dist', 'build/Release/heapproof.node'])
  const ours = join(project.root, 'node_modules/vitest')
  const other = realpathSync(vitests['3.2']())
  rmSync(ours)
  symlinkSync(other, ours, 'junction')
  const { output, exitCode, tests } = await project.run()
  expect(output).toContain(
    `the tests are run by another copy of vitest than the one that heapproof finds, ${other}: they cannot be measured`,
  )
  expect(exitCode).toBe(1)
  expect(tests.size).toBe(0)
})

test('a Node without an addon is an error before any test runs', async () => {
  using project = withoutAddon()
  const { output, exitCode, tests } = await project.run()
  expect(output).toMatch(
    /heapproof has no native part for this Node .* Build it .* with "npx node-gyp rebuild"/,
  )
  expect(exitCode).toBe(1)
  expect(tests.size).toBe(0)
})

test('without an addon the tests run all the same, when that is wanted', async () => {
  using project = withoutAddon()
  const { output, exitCode, tests } = await project.run({ REQUIRED: 'no' })
  expect(
    output.match(/heapproof has no native part .* The tests run without being measured\./g),
  ).toHaveLength(1)
  expect(tests.get('runs'), output).toMatchObject({ status: 'passed', record: undefined })
  expect(exitCode).toBe(0)
})
