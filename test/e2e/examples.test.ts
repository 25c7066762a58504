import { spawn } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PATIENCE } from '../support/patience.js'
import { temporaryFolder } from '../support/temporary.js'
import { install } from './ci/checkouts.js'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..')
const examples = join(repository, 'examples')

interface Said {
  readonly command: string
  readonly code: number | null
  readonly output: string
}

/** A copy of an example, installed, in which the commands of its README are run. */
class Example {
  readonly root: string
  readonly #commands: readonly string[]

  constructor(name: string) {
    this.root = join(temporaryFolder(), name)
    const wanted = (path: string) => !/[\\/](?:node_modules|\.heapproof|site)$/.test(path)
    cpSync(join(examples, name), this.root, { recursive: true, filter: wanted })
    install(join(this.root, 'node_modules'))
    const readme = readFileSync(join(this.root, 'README.md'), 'utf8')
    this.#commands = [...readme.matchAll(/^ {4}(\S.*)$/gm)].map(([, command]) => command as string)
  }

  /** Runs the commands one after the other, as they are written. */
  async follow(): Promise<Said[]> {
    expect(this.#commands[0]).toBe('npm install') // done, in a way that needs no network
    const said: Said[] = []
    for (const command of this.#commands.slice(1)) said.push(await this.run(command))
    return said
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  async run(command: string): Promise<Said> {
    const [npx, program, ...args] = command.split(' ')
    expect(npx, command).toBe('npx')
    const scripts: Record<string, string> = {
      heapproof: 'heapproof/dist/cli.cjs',
      vitest: 'vitest/vitest.mjs',
      jest: 'jest/bin/jest.js',
    }
    const script = join(this.root, 'node_modules', scripts[program as string] ?? 'unknown')
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|JEST|TEST$|NODE_ENV$|NODE_OPTIONS$|CI$|GITHUB_|FORCE_COLOR$)/.test(name),
    )
    const patience = program === 'vitest' || program === 'jest' ? PATIENCE[program] : []
    const child = spawn(process.execPath, [script, ...args, ...patience], {
      cwd: this.root,
      env: { ...Object.fromEntries(own), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    if (process.env.SHOW) console.log(command, code, output)
    return { command, code, output }
  }

  [Symbol.dispose](): void {
    rmSync(dirname(this.root), { recursive: true, force: true })
  }
}

const SLOW = { timeout: 180_000 }

test('each example is a project of its own, and is run below', () => {
  const names = readdirSync(examples).filter(
    (name) => !['ci', 'vitest-budget', 'README.md', 'quickstart.mjs'].includes(name),
  )
  const here = readFileSync(fileURLToPath(import.meta.url), 'utf8')
  for (const name of names) {
    const { name: own, private: isPrivate } = JSON.parse(
      readFileSync(join(examples, name, 'package.json'), 'utf8'),
    )
    expect([own, isPrivate]).toEqual([name, true])
    expect(here).toContain(`new Example('${name}')`)
  }
})

test('vitest-budget: four tests pass, one is over its limit', SLOW, async () => {
  using example = new Example('vitest-budget')
  const { code, output } = await example.run('npx vitest run')
  expect(code, output).toBe(1)
  expect(output).toMatch(/Tests +1 failed \| 4 passed/)
  expect(output).toMatch(/parseRow +src\/feed\.ts:\d+/)
})

test('jest-budget: three tests pass, one is over its limit', SLOW, async () => {
  using example = new Example('jest-budget')
  const [run] = await example.follow()
  expect(run?.code, run?.output).toBe(1)
  expect(run?.output).toMatch(/Tests: +1 failed, 3 passed, 4 total/)
  expect(run?.output).toContain('a request costs little, as it was first written')
  expect(run?.output).toMatch(/findSlowly +src\/router\.js:\d+|\(anonymous\) +src\/router\.js:\d+/)
})

test('leak-hunt: the line of the leak has what is live, fails a test, and is mended', SLOW, async () => {
  using example = new Example('leak-hunt')
  const [record, top, run] = await example.follow()
  expect(record?.code, record?.output).toBe(0)
  const rows = (top?.output ?? '').split('\n').flatMap((line) => {
    const [, live, unit, place] = /([\d.]+) (\w?B) {2}\S+ +(\S+:\d+:\d+)$/.exec(line) ?? []
    const units: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6 }
    return place === undefined ? [] : [{ place, live: Number(live) * (units[unit as string] ?? 0) }]
  })
  const [most] = rows.sort((a, b) => b.live - a.live)
  expect(most?.place, top?.output).toMatch(/src\/watch\.js:3:/)
  expect(most?.live).toBeGreaterThan(20_000_000)
  expect(run?.code, run?.output).toBe(1)
  expect(run?.output).toMatch(/Tests +1 failed \| 1 passed/)
  expect(run?.output).toContain('FAIL  test/watch.test.js')
  expect(run?.output).toMatch(/watch +src\/watch\.js:3:/)
})

test('snapshots-in-ci: the first run writes, and an artifact of it has nothing to add', SLOW, async () => {
  using example = new Example('snapshots-in-ci')
  const [run, update] = await example.follow()
  expect(run?.code, run?.output).toBe(0)
  expect(run?.output).toContain('2 passed')
  expect(example.read('test/__snapshots__/markdown.test.js.snap')).toMatch(
    /^node \d+, \w+, vitest \d+\n.* {2}heap$/m,
  )
  expect(update).toMatchObject({ code: 0, output: 'Snapshots: 0 updated, 0 added, 1 unchanged, 0 skipped\n' })
})

test('cli-flamegraph: names the heaviest lines, and draws', SLOW, async () => {
  using example = new Example('cli-flamegraph')
  const said = await example.follow()
  for (const { command, code, output } of said) expect(code, `${command}: ${output}`).toBe(0)
  const lines = (said[1]?.output ?? '').split('\n').filter((line) => / {2}\S+:\d+:\d+$/.test(line))
  const heaviest = lines.slice(0, 3).join('\n')
  expect(heaviest).toMatch(/to-html\.js/)
  expect(heaviest).toMatch(/highlight\.js/)
  expect(example.read('out.html')).toMatch(/^<!doctype html>/i)
  expect(JSON.parse(example.read('out.speedscope.json')).profiles.length).toBeGreaterThan(0)
  expect(example.read('out.collapsed')).toMatch(/;wordsOf .*\d+\n/)
})

test('http-server-under-load: three tests pass, one is over its limit', SLOW, async () => {
  using example = new Example('http-server-under-load')
  const [run] = await example.follow()
  expect(run?.code, run?.output).toBe(1)
  expect(run?.output).toMatch(/Tests +1 failed \| 3 passed/)
  expect(run?.output).toContain('the catalogue goes out at once')
  expect(run?.output).toMatch(/src\/server\.js:8:/)
})

test('measure-a-cli: two tests pass, one is over its limit', SLOW, async () => {
  using example = new Example('measure-a-cli')
  const [run] = await example.follow()
  expect(run?.code, run?.output).toBe(1)
  expect(run?.output).toMatch(/Tests +1 failed \| 2 passed/)
  expect(run?.output).toContain('stays small with the whole file in memory')
  expect(run?.output).toMatch(/bin\/count\.js:\d+:/)
})
