import { copyFileSync, cpSync, existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { exactLog } from '../core/export/support.js'
import { CLI, folderWith, heapproof, node } from '../support/command-line.js'
import { drawn, image } from '../support/feed.js'
import { writeLog } from '../support/log-builder.js'
import { profiles } from '../support/profiles.js'

/** What a command prints, when it succeeds. */
function printed(cwd: string, ...args: string[]): string {
  const { code, stdout, stderr } = heapproof(args, { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

const COMMANDS: readonly (readonly string[])[] = [
  ['plot'],
  ['plot', '--by', 'domain'],
  ['plot', '--json'],
  ['flow'],
  ['flow', '--format', 'svg'],
  ['flow', '--json', '--value', 'live'],
  ['flow', '--at', 'peak', '--at', 'end'],
  ['flame'],
  ['flame', '--format', 'speedscope', '--value', 'temporary'],
  ['info'],
  ['info', '--json'],
  ['diff', '--at', '0.1', '--to', 'end'],
  ['diff', '--at', 'peak', '--to', 'end', '--json'],
]

describe.each(COMMANDS.map((args) => [args.join(' '), args] as const))(
  'heapproof %s',
  (_, [name = '', ...options]) => {
    test('of a recorded profile, twice the same', () => {
      const cwd = profiles()
      const first = printed(cwd, name, 'feed', ...options)
      expect(first.length).toBeGreaterThan(200)
      expect(printed(cwd, name, 'feed', ...options)).toBe(first)
      expect(first).not.toMatch(/NaN|Infinity|undefined/)
      if (options.includes('--json')) expect(() => JSON.parse(first)).not.toThrow()
    })

    test('of an empty one', () => {
      const text = printed(profiles(), name, 'empty', ...options)
      expect(text).not.toMatch(/NaN|Infinity|undefined/)
      if (options.includes('--json')) expect(() => JSON.parse(text)).not.toThrow()
    })

    test('of one that was cut, and of one of two empty files: what there is', () => {
      const cwd = profiles()
      for (const base of ['cut', 'none']) {
        const { code, stdout, stderr } = heapproof([name, base, ...options], { cwd })
        expect(code).toBe(0)
        // The table of info has a line for it.
        if (name !== 'info') expect(stderr).toMatch(new RegExp(`^heapproof: ${base}: was cut, .*\\n$`))
        expect(stdout).not.toMatch(/NaN|Infinity|undefined/)
      }
    })

    test('of none', () => {
      const { code, stdout, stderr } = heapproof([name, 'missing', ...options], { cwd: profiles() })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toBe('heapproof: missing: no profile here: missing.hpm and missing.hpd are missing\n')
    })

    test('--help has examples', () => {
      expect(printed(folderWith(), name, '--help')).toMatch(/\nExamples:\n {2}heapproof /)
    })
  },
)

describe('what is written', () => {
  test('plot -o: the same as the library draws', () => {
    const cwd = profiles()
    const lines = ['rows=parse.mjs:7', 'cache=cache.mjs:6', 'packed=cache.mjs:10'].flatMap((line) => [
      '--line',
      line,
    ])
    expect(printed(cwd, 'plot', 'feed', ...lines, '-o', 'plot.svg')).toBe('')
    expect(readFileSync(join(cwd, 'plot.svg'), 'utf8')).toBe(readFileSync(image('time-plot.svg'), 'utf8'))
  })

  test('plot --line without a name, and --self', () => {
    const cwd = profiles()
    const { series } = JSON.parse(printed(cwd, 'plot', 'feed', '--line', 'import.mjs:16', '--self', '--json'))
    expect(series).toHaveLength(1)
    expect(series[0].name).toBe('import.mjs:16')
    const all = JSON.parse(printed(cwd, 'plot', 'feed', '--line', 'import.mjs:16', '--json')).series[0]
    expect(Math.max(...all.bytes)).toBeGreaterThan(4 * Math.max(...series[0].bytes))
  })

  test('flow -o: dot, or SVG by the name of the file', () => {
    const cwd = profiles()
    expect(printed(cwd, 'flow', 'feed')).toBe(readFileSync(drawn('allocated.dot'), 'utf8'))
    printed(cwd, 'flow', 'feed', '-o', 'flow.svg')
    expect(readFileSync(join(cwd, 'flow.svg'), 'utf8')).toMatch(/^<\?xml.*<svg .*<\/svg>\n$/s)
    const { graphs } = JSON.parse(printed(cwd, 'flow', 'feed', '--json', '--at', '0.3', '--at', 'end'))
    expect(graphs.map(({ label }: { label: string }) => label)).toEqual(['live at 0.3 s', 'live at the end'])
    const boxes = (...options: string[]) =>
      printed(cwd, 'flow', 'feed', ...options).match(/^ {2}n\d+ \[/gm)?.length ?? 0
    expect(boxes('--no-collapse')).toBeGreaterThan(boxes())
    expect(boxes('--smallest-node', '0%')).toBeGreaterThan(boxes())
    expect(boxes('--smallest-node', '20%')).toBeLessThan(boxes())
  })

  test('flame: collapsed, and speedscope by its schema', () => {
    const cwd = profiles()
    expect(printed(cwd, 'flame', 'feed')).toBe(readFileSync(drawn('allocated.collapsed.txt'), 'utf8'))
    printed(cwd, 'flame', 'feed', '--at', 'peak', '-o', 'peak.speedscope.json')
    const text = readFileSync(join(cwd, 'peak.speedscope.json'), 'utf8')
    expect(text).toBe(readFileSync(drawn('peak.speedscope.json'), 'utf8'))
    expect(validate(JSON.parse(text))).toBe(true)
    expect(JSON.parse(text).profiles[0].name).toBe('live at the peak (0.467 s), 21.5 MB')
  })

  test('diff --flame: what grew and what shrank', () => {
    const cwd = profiles()
    printed(cwd, 'diff', 'feed', '--at', '0.3', '--to', 'end', '--flame', 'diff.txt')
    const lines = readFileSync(join(cwd, 'diff.txt'), 'utf8').trimEnd().split('\n')
    for (const line of lines) expect(line).toMatch(/ \d+ \d+$/)
    printed(cwd, 'diff', 'feed', '--at', '0.3', '--to', 'end', '--flame', 'diff.json')
    const file = JSON.parse(readFileSync(join(cwd, 'diff.json'), 'utf8'))
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true)
    const totals = Object.fromEntries(
      file.profiles.map(({ name, endValue }: { name: string; endValue: number }) => [
        name.split(',')[0],
        endValue,
      ]),
    )
    expect(totals.grew - totals.shrank).toBeCloseTo(totals.after - totals.before, -1)
    const sums = lines.map((line) => (line.match(/(\d+) (\d+)$/) ?? []).slice(1).map(Number))
    expect(sums.reduce((sum, [before = 0]) => sum + before, 0)).toBe(totals.before)
    expect(sums.reduce((sum, [, after = 0]) => sum + after, 0)).toBe(totals.after)
  })

  const schema = createRequire(import.meta.url).resolve('speedscope/dist/release/file-format-schema.json')
  const validate = new Ajv().compile(JSON.parse(readFileSync(schema, 'utf8')))
})

describe('diff', () => {
  test('of a profile with itself', () => {
    const cwd = profiles()
    expect(printed(cwd, 'diff', 'feed', 'feed')).toBe(
      'before   feed, allocated: 44.5 MB (2,325 samples, ±4 %)\n' +
        'after    feed, allocated: 44.5 MB (2,325 samples, ±4 %)\n' +
        'change   0 B (0 %)\n\n' +
        'No line has changed by more than the chance of sampling.\n',
    )
    expect(JSON.parse(printed(cwd, 'diff', 'feed', 'feed', '--json'))).toEqual({
      value: 'allocated',
      before: { fileBase: 'feed', at: 'end', bytes: 44_498_270 },
      after: { fileBase: 'feed', at: 'end', bytes: 44_498_270 },
      lines: [],
    })
  })

  test('of two times: the greatest change first, be it more or less', () => {
    const cwd = profiles()
    const [, , , , titles, first, ...rest] = printed(
      cwd,
      'diff',
      'feed',
      '--at',
      'peak',
      '--to',
      'end',
    ).split('\n')
    expect(titles).toMatch(/^ *before +after +change +doubt +function +place$/)
    expect(first).toMatch(/ -\d[\d.]* MB +±[\d.]+ [kM]B +add +\S*cache\.mjs:6:49$/)
    expect(rest.join('\n')).toMatch(/ \+\d[\d.]* kB +±[\d.]+ kB +treeOf /)
    const { lines } = JSON.parse(printed(cwd, 'diff', 'feed', '--at', 'peak', '--to', 'end', '--json'))
    const changes = lines.map(({ change }: { change: number }) => Math.abs(change))
    expect(changes).toEqual(changes.toSorted((a: number, b: number) => b - a))
    for (const { before, after, change } of lines) expect(change).toBe(after - before)
  })

  test('-n leaves out the smaller ones, and says how much they are', () => {
    const text = printed(profiles(), 'diff', 'feed', '--at', 'peak', '--to', 'end', '-n', '1')
    expect(text).toMatch(/\n\.\.\. \d+ more lines, -[\d.]+ MB together; -n 0 shows all\n/)
  })
})

test('names are letters, whatever they hold', () => {
  const cwd = folderWith()
  const log = exactLog({
    command: ['node', '\x1b[31mred\x07'],
    domains: ['heap'],
    startTime: 1,
    sampling: { table: [] },
  })
  const leaf = { function: '\x1b]0;title\x07 <b>', url: '/app/\x1b[2J.js' }
  log.events.alloc(1, log.trace([leaf]), 1000).end(2)
  writeLog(join(cwd, 'nasty'), log.hpm(), log.hpd())
  for (const args of [
    ['top'],
    ['info'],
    ['flow'],
    ['flow', '--format', 'svg'],
    ['flame'],
    ['diff', '--at', '0', '--to', 'end'],
    ['plot'],
  ]) {
    const [name = '', ...options] = args
    const text = printed(cwd, name, 'nasty', ...options)
    expect(text).not.toMatch(/(?![\n\t])\p{Cc}/u)
    if (options.includes('svg')) expect(text).not.toContain(' <b>')
  }
})

test('an SVG of a flow graph without the package that draws it', () => {
  const cwd = profiles()
  // Nothing is installed around this copy.
  cpSync(dirname(CLI), join(cwd, 'heapproof/dist'), { recursive: true })
  copyFileSync(join(dirname(CLI), '../package.json'), join(cwd, 'heapproof/package.json'))
  const run = (...args: string[]) => node(['heapproof/dist/cli.cjs', 'flow', 'feed', ...args], { cwd })
  const { code, stdout, stderr } = run('-o', 'flow.svg')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(
    /^heapproof: the SVG of a flow graph is drawn by the package @viz-js\/viz, .*: npm install --save-dev @viz-js\/viz .*\n$/,
  )
  expect(existsSync(join(cwd, 'flow.svg'))).toBe(false)
  expect(run()).toEqual({
    code: 0,
    signal: null,
    stderr: '',
    stdout: readFileSync(drawn('allocated.dot'), 'utf8'),
  })
})

describe('refusals', () => {
  test.each<[string[], string | RegExp]>([
    [['plot', 'feed', '--line', 'cache.mjs:7'], /no stack goes through|the nearest line/],
    [['plot', 'feed', '--line', 'cache'], /cache/],
    [
      ['plot', 'feed', '--line', 'a=cache.mjs:6', '--line', 'a=cache.mjs:10'],
      '--line: "a" is there twice; NAME=FILE:LINE gives it another name',
    ],
    [['plot', 'feed', '--by', 'files'], '--by must be domain or thread, received "files"'],
    [['plot', 'feed', '--by', 'domain', '--line', 'cache.mjs:6'], 'timePlot: give lines or `by`, not both'],
    [['plot', 'feed', '--self'], '--self goes with --line'],
    [['plot', 'feed', '-o', ''], '-o must be the path of a file, or - for stdout, received ""'],
    [['plot', 'feed', '-o', 'feed.hpd'], 'feed.hpd: is feed.hpd, which is to be read'],
    [['plot', 'feed', '-o', 'no/such/folder.svg'], /^no\/such\/folder\.svg: cannot be written: /],
    [
      ['flow', 'feed', '--smallest-node', '0.5'],
      '--smallest-node must be a percentage from 0% to 100%, such as 0.5%, received "0.5"',
    ],
    [['flow', 'feed', '--smallest-edge', '101%'], /^--smallest-edge must be a percentage/],
    [['flow', 'feed', '--format', 'png'], '--format must be dot or svg, received "png"'],
    [['flow', 'feed', '--format', 'svg', '--json'], '--json and --format do not go together'],
    [
      ['flow', 'feed', '--at', 'noon'],
      '--at must be a number of seconds from the start, peak or end, received "noon"',
    ],
    [['flow', 'feed', '--no-colapse'], "unknown option '--no-colapse' (Did you mean --no-collapse?)"],
    [
      ['flame', 'feed', '--value', 'leaked'],
      '--value must be live, allocated, retained or temporary, received "leaked"',
    ],
    [['flame', 'feed', '--value', 'live', '--from', '1'], /^flameGraph: `live` is what is live at one time/],
    [
      ['flame', 'feed', '--from', 'peak'],
      '--from must be a number of seconds from the start, received "peak"',
    ],
    [['flame', 'feed', '-f', 'svg'], '--format must be collapsed, speedscope or html, received "svg"'],
    [['flame', 'feed', 'feed'], '"feed" is named twice'],
    [['diff', 'feed'], 'one profile has two times to compare: give --at and --to, or a second profile'],
    [['diff', 'feed', 'feed', '--to', '1'], '--to goes with --at, the time of the first'],
    [
      ['diff', 'feed', 'feed', '--at', '1', '--value', 'allocated'],
      /^--value allocated is of whole recordings/,
    ],
    [['diff', 'feed', 'feed', '-n', 'all'], '-n must be a whole number, 0 for all, received "all"'],
    [['info'], "missing required argument 'base'"],
    [['inof', 'feed'], "unknown command 'inof' (Did you mean info?)"],
    [['info', 'feed', '--jason'], "unknown option '--jason' (Did you mean --json?)"],
  ])('heapproof %j', (args, message) => {
    const cwd = profiles()
    const { code, stdout, stderr } = heapproof(args, { cwd })
    expect(stderr).toMatch(/^heapproof: .*\n$/)
    const sentence = stderr.slice('heapproof: '.length, -1)
    if (typeof message === 'string') expect(sentence).toBe(message)
    else expect(sentence).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(existsSync(join(cwd, 'flame.html'))).toBe(false)
  })
})
