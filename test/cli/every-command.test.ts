import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { settled, writeReport } from '../core/compare/reports.js'
import { outcome } from '../core/report/outcomes.js'
import { FEED as DIGEST, FEED_TEXT } from '../core/snapshot/digests.js'
import { ALLOCATING, folderWith, heapproof } from '../support/command-line.js'
import { profiles } from '../support/profiles.js'

/** What is given to a command: a recorded one, one of nothing, one that was cut off, and one that is not there. */
type Kind = 'feed' | 'empty' | 'cut' | 'missing'

/** What comes of it: the end of its sentence on stderr, if it says one; a refusal ends with exit code 1. */
interface Expected {
  readonly refused?: RegExp
  readonly said?: RegExp
}

interface Row {
  /** The whole command, `feed`, `empty`, `cut` or `missing` in place of `$`. */
  readonly command: string
  /** A folder with the four of them. */
  readonly folder: () => string
  readonly kinds: Readonly<Record<Kind, Expected>>
  /** Prints a table, and the same as JSON. */
  readonly json?: true
  /** A file that it writes. */
  readonly writes?: string
  readonly mistake: readonly [typed: string, meant: string]
}

const CUT = /: cut: was cut, .*/
const MISSING = /^missing: no profile here: missing\.hpm and missing\.hpd are missing$/

/** The same for all that read profiles; `info`, `top` and `report` say on their own page that one was cut. */
const READ = { feed: {}, empty: {}, cut: { said: CUT }, missing: { refused: MISSING } }

const ROWS: readonly Row[] = [
  {
    command: 'run -o out -- $.js',
    folder: scripts,
    kinds: {
      feed: { said: /profile in out\.hpm and \.hpd/ },
      empty: { said: /profile in out\.hpm and \.hpd/ },
      cut: { refused: /SyntaxError/ },
      missing: { refused: /^expected a script, and there is none at "missing\.js"$/ },
    },
    writes: 'out.hpd',
    mistake: ['--interva', '--interval'],
  },
  {
    command: 'top $',
    folder: profiles,
    kinds: { ...READ, cut: {} },
    json: true,
    mistake: ['--jsn', '--json'],
  },
  {
    command: 'report $ -o page.html',
    folder: profiles,
    kinds: {
      ...READ,
      feed: { said: /: report in page\.html/ },
      empty: { said: /: report in page\.html/ },
    },
    writes: 'page.html',
    mistake: ['--titel', '--title'],
  },
  { command: 'plot $', folder: profiles, kinds: READ, json: true, mistake: ['--slef', '--self'] },
  { command: 'flow $', folder: profiles, kinds: READ, json: true, mistake: ['--no-size', '--no-sizes'] },
  { command: 'flame $', folder: profiles, kinds: READ, mistake: ['--formt', '--format'] },
  {
    command: 'flame $ -o page.html',
    folder: profiles,
    kinds: READ,
    writes: 'page.html',
    mistake: ['--outptu', '--output'],
  },
  {
    command: 'diff $ --at 0 --to end',
    folder: profiles,
    kinds: READ,
    json: true,
    mistake: ['--flam', '--flame'],
  },
  {
    command: 'info $',
    folder: profiles,
    kinds: { ...READ, cut: {} },
    json: true,
    mistake: ['--jason', '--json'],
  },
  {
    command: 'digest $',
    folder: profiles,
    kinds: {
      feed: { said: /: digest in feed\.hpc: \d+ snapshots/ },
      empty: { said: /: digest in empty\.hpc: \d+ snapshots?/ },
      cut: { said: /: digest in cut\.hpc: \d+ snapshots/ },
      missing: { refused: MISSING },
    },
    mistake: ['--intervl', '--interval'],
  },
  { command: 'export $ -f collapsed', folder: profiles, kinds: READ, mistake: ['--domian', '--domain'] },
  {
    command: 'merge $ -o whole',
    folder: profiles,
    kinds: {
      feed: { said: /: 1 profile merged into whole\.hpm and \.hpd/ },
      empty: { said: /: 1 profile merged into whole\.hpm and \.hpd/ },
      cut: { said: /: 1 profile merged into whole\.hpm and \.hpd/ },
      missing: { refused: MISSING },
    },
    writes: 'whole.hpd',
    mistake: ['--al', '--all'],
  },
  {
    command: 'compare feed $',
    folder: reports,
    kinds: {
      feed: {},
      empty: {},
      cut: { refused: /^cut\/report\.json: / },
      missing: { refused: /^missing: there is no such directory$/ },
    },
    json: true,
    mistake: ['--treshold', '--threshold'],
  },
  {
    command: 'snapshot update --from-artifact $',
    folder: logs,
    kinds: {
      feed: {},
      empty: { refused: /^empty: nothing below it that tests measured for heap snapshots/ },
      cut: {},
      missing: { refused: /^missing: there is no such directory$/ },
    },
    mistake: ['--dry-rn', '--dry-run'],
  },
]

function scripts(): string {
  return folderWith({ 'feed.js': ALLOCATING, 'empty.js': '', 'cut.js': ALLOCATING.slice(0, -9) })
}

/** What runs of a suite left. */
function reports(): string {
  const folder = folderWith()
  const path = writeReport(join(folder, 'feed'), settled([outcome('a', { allocated: 10_000_000 })]))
  writeReport(join(folder, 'empty'), [])
  put(join(folder, 'cut/report.json'), readFileSync(path, 'utf8').slice(0, -40))
  return folder
}

/** What tests measured for their snapshots, and a project that has one. */
function logs(): string {
  const folder = folderWith({ 'a.test.ts': '' })
  const logged = {
    ...{ version: 1, testFile: 'a.test.ts', test: 'a', snapshotFile: '__snapshots__/a.test.ts.snap' },
    ...{ key: 'a 1', outcome: 'new', block: FEED_TEXT, digest: DIGEST },
  }
  const line = `${JSON.stringify(logged)}\n`
  put(join(folder, 'feed/.heapproof/snapshots/a.test.ts.jsonl'), line)
  put(join(folder, 'cut/.heapproof/snapshots/a.test.ts.jsonl'), line + line.slice(0, 100))
  put(join(folder, 'empty/.heapproof/snapshots/a.test.ts.jsonl'), '')
  return folder
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const NAMED = ROWS.map((row) => [row.command, row] as const)
const argsOf = ({ command }: Row, kind: string): string[] => command.replace('$', kind).split(' ')

test('no command is missing here', () => {
  const help = heapproof(['--help'], { cwd: folderWith() }).stdout
  const names = [...(help.split('Commands:\n')[1] ?? '').matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)
  const here = new Set(ROWS.map(({ command }) => command.split(' ')[0]))
  expect([...here].sort()).toEqual(names.filter((name) => name !== 'help').sort())
})

test.each(NAMED)('heapproof %s: of each kind', (_, row) => {
  for (const kind of ['feed', 'empty', 'cut', 'missing'] as const) {
    const cwd = row.folder()
    const before = readdirSync(cwd).sort()
    const { refused, said } = row.kinds[kind]
    const { code, stdout, stderr } = heapproof(argsOf(row, kind), { cwd })
    expect(stdout, kind).not.toMatch(/NaN|Infinity|undefined/)
    if (refused === undefined) {
      expect({ code, stderr }, kind).toEqual({ code: 0, stderr: said ? expect.stringMatching(said) : '' })
      if (row.writes !== undefined) expect(readdirSync(cwd), kind).toContain(row.writes)
      else if (kind === 'feed' && said === undefined) expect(stdout).not.toBe('')
      continue
    }
    expect({ code, stdout }, kind).toEqual({ code: 1, stdout: '' })
    if (kind === 'cut' && row.folder === scripts)
      expect(stderr).toMatch(refused) // Node's own words
    else {
      expect(stderr, kind).toMatch(/^heapproof: .*\n$/)
      expect(stderr.slice('heapproof: '.length, -1), kind).toMatch(refused)
      expect(readdirSync(cwd).sort(), kind).toEqual(before)
    }
  }
})

test.each(NAMED.filter(([, { json }]) => json))('heapproof %s --json: of each kind', (_, row) => {
  const cwd = row.folder()
  for (const kind of ['feed', 'empty', 'cut'] as const) {
    if (row.kinds[kind].refused !== undefined) continue
    const { code, stdout } = heapproof([...argsOf(row, kind), '--json'], { cwd })
    expect(code, kind).toBe(0)
    expect(stdout, kind).toMatch(/^\{.*\}\n$/)
    expect(JSON.parse(stdout), kind).toBeTypeOf('object')
  }
})

test.each(NAMED)('heapproof %s: --help has examples, and a mistake has a suggestion', (_, row) => {
  const { command, mistake } = row
  const cwd = folderWith()
  const name = command.startsWith('snapshot') ? ['snapshot', 'update'] : [command.split(' ')[0] as string]
  const { code, stdout } = heapproof([...name, '--help'], { cwd })
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\nExamples:\n {2}heapproof /) })
  const [typed, meant] = mistake
  const args = command.startsWith('run') ? ['run', typed, '--', 'x.js'] : [...argsOf(row, 'feed'), typed]
  expect(heapproof(args, { cwd })).toEqual({
    ...{ code: 1, signal: null, stdout: '' },
    stderr: `heapproof: unknown option '${typed}' (Did you mean ${meant}?)\n`,
  })
  expect(readdirSync(cwd)).toEqual([])
})
