import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { PATIENCE } from '../../support/patience.js'
import { Project } from './project.js'
import { runnable } from './versions.js'

beforeAll(() => runnable.forEach(([, vitest]) => void vitest()), 600_000)

interface Output {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(project: Project, args: readonly string[], env: Record<string, string> = {}) {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|NODE_ENV$|CI$|GITHUB_)/.test(name),
  )
  const script = join(project.root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [script, ...args, ...PATIENCE.vitest], {
    cwd: project.root,
    env: { ...Object.fromEntries(own), NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (output.stdout += chunk))
  child.stderr.on('data', (chunk) => (output.stderr += chunk))
  return { child, output }
}

async function run(project: Project, args: readonly string[], env?: Record<string, string>): Promise<Output> {
  const { child, output } = start(project, ['run', ...args], env)
  child.stdin.end()
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, ...output }
}

const HEADLINE = ' heapproof: 2 tests allocated 417 MB (exact, but for 1 marked ~)'
const BLOCK = `
${HEADLINE}
   Tests that allocated most
      412 MB  feed.test.ts:4  imports > large
     ~4.7 MB  feed.test.ts:5  imports > small
   Tests that retained most
     1.2 MB  feed.test.ts:4  imports > large
   Lines that allocated most (estimates from samples, ± two standard errors)
     300 MB  ±5 %  parseRow  src/feed.ts:23:11
   Limits: 1 exceeded, 1 near
      412 MB  of 400 MB  allocated  exceeded  feed.test.ts:4  imports > large
     ~4.7 MB  of 5 MB    allocated  near      feed.test.ts:5  imports > small
   Not measured: 1 test, because other tests ran at the same time
   All tests: .heapproof/index.html
`

/** What was printed from our first line on. */
function blockOf(text: string): string {
  const begin = text.indexOf('\n heapproof:')
  return begin === -1 ? '' : text.slice(begin)
}

test('comes last, behind the summary of the default reporter', async () => {
  using project = new Project('report')
  const { stdout, stderr, code } = await run(project, [])
  expect(blockOf(stdout)).toBe(BLOCK)
  expect(stdout.indexOf(HEADLINE)).toBeGreaterThan(stdout.indexOf('Duration'))
  expect(stderr).not.toContain('heapproof')
  expect(code).toBe(0)
  expect(readFileSync(join(project.root, '.heapproof/.gitignore'), 'utf8')).toBe('*\n')
  const page = readFileSync(join(project.root, '.heapproof/index.html'), 'utf8')
  expect(page).toContain('imports &gt; large')
})

test('stays whatever reporter the command line chooses, and when tests are silent', async () => {
  using project = new Project('report')
  for (const args of [
    ['--reporter=dot'],
    ['--reporter=verbose', '--silent'],
    ['--reporter=tap', '--outputFile=tap'],
  ]) {
    const { stdout } = await run(project, args)
    expect(blockOf(stdout), args.join(' ')).toBe(BLOCK)
  }
})

test.each(runnable)(
  'leaves stdout to programs: JSON with all records, and TAP, Vitest %s',
  async (_, vitest) => {
    using project = new Project('report', vitest())
    const { stdout, stderr } = await run(project, ['--reporter=json', '--silent'])
    // From Vitest 5 on, it goes to a file when nothing else is said.
    const written = /^JSON report written to (.*)$/m.exec(stdout)?.[1]
    const { testResults } = JSON.parse(written === undefined ? stdout : readFileSync(written, 'utf8')) as {
      testResults: { assertionResults: { title: string; meta: { heapproof?: { allocated: number } } }[] }[]
    }
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
    expect(tests.map(({ title, meta }) => [title, meta.heapproof?.allocated])).toEqual([
      ['large', 412_000_000],
      ['small', 4_700_000],
      ['side by side', 0],
      ['left out', undefined],
    ])
    expect(blockOf(stderr)).toBe(BLOCK)
    const tap = await run(project, ['--reporter=tap'])
    expect(tap.stdout).not.toContain('heapproof')
    expect(blockOf(tap.stderr)).toBe(BLOCK)
  },
)

test.each(runnable)('gives JUnit properties, Vitest %s', async (_, vitest) => {
  using project = new Project('report', vitest())
  await run(project, ['--reporter=junit', '--outputFile=junit.xml'])
  const xml = readFileSync(join(project.root, 'junit.xml'), 'utf8')
  const large = /<testcase [^>]*name="imports &gt; large".*?<\/testcase>/s.exec(xml)?.[0] ?? ''
  const pairs = [...large.matchAll(/<property name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [
    name,
    value,
  ])
  expect(pairs).toEqual([
    ['heapproof.allocated', '412000000'],
    ['heapproof.retained', '1200000'],
    ['heapproof.certainty', 'exact'],
  ])
})

test('writes what the options name, or nothing at all', async () => {
  using project = new Project('report')
  const json = { report: { json: 'reports/memory.json', html: false, top: 0 } }
  const some = await run(project, [], { PLUGIN_OPTIONS: JSON.stringify(json) })
  expect(blockOf(some.stdout)).toBe(
    `\n${HEADLINE}\n   Not measured: 1 test, because other tests ran at the same time\n`,
  )
  expect(existsSync(join(project.root, '.heapproof/index.html'))).toBe(false)
  const report = JSON.parse(readFileSync(join(project.root, 'reports/memory.json'), 'utf8'))
  expect(report).toMatchObject({ format: 'heapproof-report', version: 1, allocated: 416_700_000 })
  expect(report.tests).toHaveLength(4)
  expect(report.tests[0]).toMatchObject({
    file: 'feed.test.ts',
    name: 'imports > large',
    line: 4,
    state: 'passed',
    record: { allocated: 412_000_000 },
  })
  const none = await run(project, [], { PLUGIN_OPTIONS: '{"report":false}' })
  // Vitest prints the folder, which has our name in it.
  expect((none.stdout + none.stderr).replaceAll(project.root, '')).not.toContain('heapproof')
  expect(existsSync(join(project.root, '.heapproof/index.html'))).toBe(false)
})

test('refuses options it does not know, before any test runs', async () => {
  using project = new Project('report')
  const misspelt = await run(project, [], { PLUGIN_OPTIONS: '{"report":{"htlm":true}}' })
  expect(misspelt.stderr).toContain('heapproof() report: unknown option "htlm"; did you mean "html"?')
  const wrong = await run(project, [], { PLUGIN_OPTIONS: '{"report":true}' })
  expect(wrong.stderr).toContain('heapproof(): report must be false or an object with options, received true')
  expect(wrong.code).toBe(1)
})

test('on GitHub, annotates the line that allocated and writes to the page of the job', async () => {
  using project = new Project('report')
  const summary = join(project.root, 'summary.md')
  const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: project.root, GITHUB_STEP_SUMMARY: summary }
  const { stdout } = await run(project, ['--reporter=default'], env)
  expect(blockOf(stdout)).toBe(
    `${BLOCK}::error file=src/feed.ts,line=23,col=11,title=Limit of allocated bytes exceeded::` +
      'imports > large (feed.test.ts:4): allocated 412 MB, limit 400 MB.%0A' +
      'This line: about 300 MB, estimated from samples\n' +
      '::warning file=feed.test.ts,line=5,col=3,title=Limit of allocated bytes is near::' +
      'imports > small (feed.test.ts:5): allocated ~4.7 MB, limit 5 MB.\n',
  )
  expect(readFileSync(summary, 'utf8')).toContain('## Memory of the tests\n\n2 tests allocated 417 MB')
})

test('a page of the job that cannot be written is a warning, and so is a page of the run', async () => {
  using project = new Project('report')
  mkdirSync(join(project.root, '.heapproof/index.html'), { recursive: true })
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(project.root, 'no/such/folder/summary.md') }
  const { stdout, stderr, code } = await run(project, [], env)
  expect(code).toBe(0)
  expect(stdout).toContain(HEADLINE)
  expect(stdout).not.toContain('All tests:')
  expect(stderr).toMatch(/^heapproof: cannot write the page .*index\.html: EISDIR/m)
  expect(stderr).toMatch(/^heapproof: no summary of memory on the page of the job: ENOENT/m)
})

test('reports what the plugin measured', async () => {
  using project = new Project('report-measured')
  const { stdout, code } = await run(project, [])
  expect(code).toBe(1)
  const block = blockOf(stdout)
  expect(block.replace(/[\d.]+ [kM]?B/g, '# B').replace(/ +/g, ' ')).toMatch(
    /^\n heapproof: 3 tests allocated # B \(.*\)\n Tests that allocated most\n ~?# B grow\.test\.ts:5 rows > many\n ~?# B grow\.test\.ts:8 rows > few\n/,
  )
  const { line } = project.find('src/grow.ts', 'new Array(1000)')
  const [, megabytes] =
    new RegExp(`Lines that .*\\n +([\\d.]+) MB +±\\d+ % +grow +src/grow\\.ts:${line}:`).exec(block) ?? []
  // 2,200 arrays of 1,000 numbers, 8 bytes each, are 17.7 MB; at 128 KiB, 4.5 standard errors of that are 6.9 MB. A
  // right one misses it in one of 150,000 runs.
  expect(Number(megabytes)).toBeGreaterThan(10.8)
  expect(Number(megabytes)).toBeLessThan(24.6)
  const report = JSON.parse(readFileSync(join(project.root, 'memory.json'), 'utf8'))
  const [many, few, none] = report.tests
  expect(many.record.allocated).toBeGreaterThan(16_000_000)
  expect(few.record.allocated).toBeLessThan(4_000_000)
  expect(none.record.allocated).toBeLessThan(100_000)
  const page = readFileSync(join(project.root, '.heapproof/index.html'), 'utf8')
  expect(page).toContain(`npx heapproof top ${many.record.profile}</code>`)
  expect(existsSync(join(project.root, `${many.record.profile}.hpm`))).toBe(true)
})

test('projects report together, once, from the root of the run', async () => {
  using project = new Project('report-projects')
  const { stdout } = await run(project, [])
  expect(stdout.match(/ heapproof:/g)).toHaveLength(1)
  // Each has allocated what the fixture says in a file of its own.
  expect(blockOf(stdout)).toBe(`
 heapproof: 2 tests allocated 4 MB (exact)
   Tests that allocated most
     2 MB  [first] a/one.test.ts:3  one
     2 MB  [second] b/two.test.ts:3  two
   Lines that allocated most (estimates from samples, ± two standard errors)
     1 MB  ±73 %  grow  a/src/grow.ts:3:5
     1 MB  ±73 %  grow  b/src/grow.ts:3:5
   All tests: .heapproof/index.html
`)
})

test('a merged run is reported from what the parts left', async () => {
  using project = new Project('report')
  await run(project, ['--reporter=blob', '--outputFile=blobs/one.json'])
  const { stdout } = await run(project, ['--merge-reports=blobs', '--reporter=default'])
  expect(blockOf(stdout)).toBe(BLOCK)
})

test('each run of a watch is reported', async () => {
  using project = new Project('report')
  const { child, output } = start(project, ['watch'])
  const blocks = () => output.stdout.match(/ heapproof: .*/g) ?? []
  try {
    await expect.poll(blocks, { timeout: 30_000 }).toEqual([HEADLINE])
    const file = join(project.root, 'feed.test.ts')
    await expect.poll(() => output.stdout, { timeout: 30_000 }).toContain('Waiting for file changes')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/.*small.*\n/, ''))
    await expect
      .poll(blocks, { timeout: 30_000 })
      .toEqual([HEADLINE, ' heapproof: 1 test allocated 412 MB (exact)'])
  } finally {
    child.kill()
  }
})
