import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { folderWith, heapproof } from '../../support/command-line.js'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const folder = join(repository, 'examples/ci')
const files = readdirSync(folder).filter((name) => name.endsWith('.yml'))

function textOf(name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

function parsed(name: string): Record<string, unknown> {
  const document = parseDocument(textOf(name), { strict: true, uniqueKeys: true })
  expect(document.errors, name).toEqual([])
  expect(document.warnings, name).toEqual([])
  return document.toJS()
}

interface Job {
  readonly needs?: string | readonly (string | { readonly job: string })[]
  readonly steps?: readonly Readonly<Record<string, unknown>>[]
  readonly script?: readonly unknown[]
}

function needsOf({ needs = [] }: Job): string[] {
  return [needs]
    .flat()
    .map((each) => (typeof each === 'object' ? (each as { job: string }).job : (each as string)))
}

test('there is a file for each of them, sharded and not', () => {
  expect(files.sort()).toEqual([
    'github-actions-sharded.yml',
    'github-actions.yml',
    'github-snapshots.yml',
    'gitlab-sharded.yml',
    'gitlab.yml',
  ])
  const listed = readFileSync(join(folder, 'README.md'), 'utf8')
  for (const name of files) expect(listed).toContain(`| \`${name}\``)
})

test.each(files.filter((name) => name.startsWith('github')))('%s is a workflow', (name) => {
  const { name: title, on, permissions, jobs } = parsed(name)
  expect(title).toBeTypeOf('string')
  expect(on).toBeDefined()
  expect(permissions).toBeTypeOf('object')
  for (const job of Object.values(jobs as Record<string, Job>)) {
    for (const needed of needsOf(job)) expect(Object.keys(jobs as object)).toContain(needed)
    expect(job.steps?.length).toBeGreaterThan(0)
    for (const step of job.steps ?? []) {
      expect(Object.hasOwn(step, 'uses') !== Object.hasOwn(step, 'run'), JSON.stringify(step)).toBe(true)
      const known = ['name', 'id', 'if', 'uses', 'with', 'run', 'env', 'continue-on-error']
      expect(Object.keys(step).filter((key) => !known.includes(key))).toEqual([])
      if (typeof step.uses === 'string') expect(step.uses).toMatch(/^actions\/[a-z-]+@v\d+$/)
      // Without it the hidden folder would not be uploaded, and nobody would notice.
      if (String(step.uses).startsWith('actions/upload-artifact')) {
        expect(step.with).toMatchObject({ 'include-hidden-files': true })
      }
    }
  }
})

test.each(files.filter((name) => name.startsWith('gitlab')))('%s is a pipeline', (name) => {
  const { image, ...jobs } = parsed(name) as Record<string, Job>
  expect(image).toBe('node:24')
  for (const job of Object.values(jobs)) {
    for (const needed of needsOf(job)) expect(Object.keys(jobs)).toContain(needed)
    expect(job.script?.length).toBeGreaterThan(0)
    for (const line of job.script ?? []) expect(line).toBeTypeOf('string')
  }
})

/** The commands of ours in a text, up to where the shell takes over. */
function commandsIn(text: string): string[][] {
  const lines = [...text.matchAll(/npx heapproof ([^\n`]*)/g)].map(([, line]) => line as string)
  return lines.map(
    (line) =>
      line
        .split(/ [|>&]/, 1)[0]
        ?.trim()
        .split(/\s+/) ?? [],
  )
}

test.each([...files.map((name) => `examples/ci/${name}`), 'docs/ci.md'])(
  'the commands in %s are there',
  (path) => {
    const commands = commandsIn(readFileSync(join(repository, path), 'utf8'))
    expect(commands.length).toBeGreaterThan(0)
    const cwd = folderWith()
    for (const args of commands) {
      // It gets as far as looking for what it was given, which is not there.
      const { code, stderr } = heapproof(args, { cwd })
      expect(code, args.join(' ')).toBe(1)
      expect(stderr, args.join(' ')).toMatch(
        /: there is no such directory\n$|: no profile here: |: there is no profile/,
      )
    }
  },
)
