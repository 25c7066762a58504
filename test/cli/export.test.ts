import { spawnSync } from 'node:child_process'
import { linkSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { CLI, folderWith, heapproof, withFilesUpTo } from '../support/command-line.js'
import { HEADER, LogBuilder } from '../support/log-builder.js'

/** 160 bytes in a, of which 100 were freed after 3 seconds; a buffer of 500 in b. */
function recorded(name = 'out', header: object = HEADER): string {
  const cwd = folderWith()
  write(cwd, name, header)
  return cwd
}

function write(cwd: string, name: string, header: object = HEADER): void {
  const log = new LogBuilder(header)
  for (const domain of ['heap', 'arrayBuffer'] as const) log.events.sampling(0, domain, 0)
  const a = log.trace([{ function: 'a', line: 2 }])
  const b = log.trace([{ function: 'b', line: 7 }], 'arrayBuffer')
  log.events.alloc(1e6, a, 100).alloc(2e6, b, 500).free(3e6, a, 100, 2e6).alloc(4e6, a, 60).end(5e6)
  log.write(join(cwd, name))
}

test('to stdout without -o, or with -o -', () => {
  const cwd = recorded()
  const text = 'b (/app/main.js:7) 500\na (/app/main.js:2) 160\n'
  for (const more of [[], ['-o', '-']]) {
    const run = heapproof(['export', 'out', '-f', 'collapsed', ...more], { cwd })
    expect(run).toEqual({ code: 0, signal: null, stdout: text, stderr: '' })
  }
})

test.each(['speedscope', 'heapprofile', 'json'])('%s into a file', (format) => {
  const cwd = recorded()
  const run = heapproof(['export', 'out', '--format', format, '-o', 'exported'], { cwd })
  expect(run).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  expect(readdirSync(cwd).sort()).toEqual(['exported', 'out.hpd', 'out.hpm'])
  expect(() => JSON.parse(readFileSync(join(cwd, 'exported'), 'utf8'))).not.toThrow()
})

test('pprof into a file and into a pipe', () => {
  const cwd = recorded()
  expect(heapproof(['export', 'out', '-f', 'pprof', '-o', 'a.pb.gz'], { cwd }).code).toBe(0)
  const piped = spawnSync(process.execPath, [CLI, 'export', 'out', '-f', 'pprof'], { cwd })
  expect(piped.status).toBe(0)
  expect(piped.stdout).toEqual(readFileSync(join(cwd, 'a.pb.gz')))
  expect(gunzipSync(piped.stdout).includes('alloc_space')).toBe(true)
})

test("heapprof's files", () => {
  const cwd = recorded()
  const run = heapproof(['export', 'out', '-f', 'heapprof', '-o', 'python', '--domain', 'heap'], { cwd })
  expect(run.code, run.stderr).toBe(0)
  expect(readFileSync(join(cwd, 'python.hpm')).subarray(0, 4)).toEqual(Buffer.from([0, 0, 0, 1]))
  const top = JSON.parse(heapproof(['top', 'python', '--json'], { cwd }).stdout)
  expect(top.sites).toMatchObject([{ file: '/app/main.js', line: 2, self: 160 }]) // it knows no functions
})

test('at a time, one value, one domain', () => {
  const cwd = recorded()
  const collapsed = (...options: string[]) =>
    heapproof(['export', 'out', '-f', 'collapsed', ...options], { cwd }).stdout
  const [a, b] = ['a (/app/main.js:2)', 'b (/app/main.js:7)']
  expect(collapsed('--at', 'peak')).toBe(`${b} 500\n${a} 100\n`)
  expect(collapsed('--at', '1.5')).toBe(`${a} 100\n`)
  expect(collapsed('--at', 'end')).toBe(`${b} 500\n${a} 60\n`)
  expect(collapsed('--at', '3.5', '--value', 'allocated')).toBe(`${b} 500\n${a} 100\n`)
  expect(collapsed('--value', 'live', '--domain', 'heap')).toBe(`${a} 60\n`)
})

test('several profiles, and all of a run, are one', () => {
  const cwd = recorded()
  write(cwd, 'out.t1', { ...HEADER, thread: 1 })
  write(cwd, 'out.p99', { ...HEADER, pid: 99 })
  writeFileSync(join(cwd, 'out.p100.hpm'), '') // a process that never came to record
  const bytesOf = (...args: string[]) => {
    const { stdout, stderr } = heapproof(['export', ...args, '-f', 'collapsed'], { cwd })
    return [/^b .* (\d+)$/m.exec(stdout)?.[1], stderr]
  }
  expect(bytesOf('out')).toEqual(['500', ''])
  expect(bytesOf('out', 'out.t1')).toEqual(['1000', ''])
  const [bytes, stderr] = bytesOf('out', '--all')
  expect(bytes).toBe('1500')
  expect(stderr).toBe('heapproof: out.p100: no profile here: out.p100.hpd is missing; left out\n')
})

test('a profile that was cut is exported as far as it goes, with a word', () => {
  const cwd = folderWith()
  const log = new LogBuilder()
  log.events.alloc(1, log.trace([{ function: 'a' }]), 8)
  log.write(join(cwd, 'out'))
  const { code, stdout, stderr } = heapproof(['export', 'out', '-f', 'collapsed'], { cwd })
  expect([code, stdout]).toEqual([0, 'a (/app/main.js:1) 8\n'])
  expect(stderr).toBe('heapproof: out: was cut, or is still being written, and is read as far as it goes\n')
})

const refusals: [string, string[], string][] = [
  [
    'no format',
    ['out'],
    '--format is needed: one of pprof, speedscope, collapsed, heapprofile, json, heapprof',
  ],
  [
    'a format misspelt',
    ['out', '-f', 'spedscope'],
    'unknown export format "spedscope"; did you mean "speedscope"?',
  ],
  [
    'a format nobody knows',
    ['out', '-f', 'x'],
    'unknown export format "x"; expected one of pprof, speedscope, collapsed, heapprofile, json, heapprof',
  ],
  ['no profile', ['none', '-f', 'json'], 'none: no profile here: none.hpm and none.hpd are missing'],
  ['a profile twice', ['out', 'out.hpm', '-f', 'json'], '"out" is named twice'],
  [
    'a time that is none',
    ['out', '-f', 'json', '--at', '-1'],
    '--at must be a number of seconds from the start, peak or end, received "-1"',
  ],
  [
    'a value that is none',
    ['out', '-f', 'collapsed', '--value', 'x'],
    '--value must be live or allocated, received "x"',
  ],
  [
    'a domain that is none',
    ['out', '-f', 'json', '--domain', 'x'],
    '--domain must be heap, arrayBuffer or native, received "x"',
  ],
  [
    'a value for json',
    ['out', '-f', 'json', '--value', 'live'],
    '--value does not go with json, which holds both',
  ],
  [
    'heapprof to stdout',
    ['out', '-f', 'heapprof'],
    'heapprof has two files: give their path without an extension with -o',
  ],
  [
    'heapprof at a time',
    ['out', '-f', 'heapprof', '-o', 'x', '--at', '1'],
    '--at and --value do not go with heapprof',
  ],
  [
    'an output without a name',
    ['out', '-f', 'json', '-o', ''],
    '-o must be the path of a file, or - for stdout, received ""',
  ],
  ['a directory', ['out', '-f', 'json', '-o', '.'], '.: cannot be written: it is a directory'],
]

test.each(refusals)('refuses %s, and writes nothing', (_, args, sentence) => {
  const cwd = recorded()
  const run = heapproof(['export', ...args], { cwd })
  expect(run).toEqual({ code: 1, signal: null, stdout: '', stderr: `heapproof: ${sentence}\n` })
  expect(readdirSync(cwd).sort()).toEqual(['out.hpd', 'out.hpm'])
})

test('the profile itself is not overwritten, by whatever name', () => {
  const cwd = recorded()
  const before = readFileSync(join(cwd, 'out.hpm'))
  symlinkSync('out.hpm', join(cwd, 'symbolic'))
  linkSync(join(cwd, 'out.hpd'), join(cwd, 'hard'))
  writeFileSync(join(cwd, 'out.hpc'), 'a digest')
  for (const output of ['out.hpm', './out.hpd', 'out.hpc', 'symbolic', 'hard']) {
    const { code, stderr } = heapproof(['export', 'out', '-f', 'json', '-o', output], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^heapproof: .* is out\.hp[mdc], which is to be read\n$/)
  }
  for (const output of ['out', 'out.hpm']) {
    expect(heapproof(['export', 'out', '-f', 'heapprof', '-o', output], { cwd }).code).toBe(
      output === 'out' ? 1 : 0,
    )
  }
  expect(readFileSync(join(cwd, 'out.hpm'))).toEqual(before)
})

test('a former file is replaced whole; a link stays a link', () => {
  const cwd = recorded()
  writeFileSync(join(cwd, 'former'), 'former')
  symlinkSync('former', join(cwd, 'link'))
  expect(heapproof(['export', 'out', '-f', 'json', '-o', 'link'], { cwd }).code).toBe(0)
  expect(readFileSync(join(cwd, 'former'), 'utf8')).toMatch(/^\{"version":1/)
  expect(readdirSync(cwd).sort()).toEqual(['former', 'link', 'out.hpd', 'out.hpm'])
})

test('an export that fails leaves a former file as it was, and nothing beside it', () => {
  const cwd = recorded()
  writeFileSync(join(cwd, 'former'), 'former')
  const bytes = readFileSync(join(cwd, 'out.hpd'))
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
  writeFileSync(join(cwd, 'out.hpd'), bytes)
  const damaged = heapproof(['export', 'out', '-f', 'pprof', '-o', 'former'], { cwd })
  expect(damaged.code).toBe(1)
  expect(damaged.stderr).toMatch(/^heapproof: out\.hpd: damaged at byte/)
  rmSync(join(cwd, 'out.hpd'))
  write(cwd, 'out')
  const names = Array.from({ length: 4000 }, (_, index) => ({
    function: `a function of some length ${index}`,
  }))
  const log = new LogBuilder()
  log.events.alloc(1, log.trace(names), 8)
  log.write(join(cwd, 'out'))
  const full = withFilesUpTo(4096, [CLI, 'export', 'out', '-f', 'json', '-o', 'former'], { cwd })
  expect(full.code).toBe(1)
  expect(full.stderr).toMatch(/^heapproof: former: cannot be written: EFBIG/)
  expect(readFileSync(join(cwd, 'former'), 'utf8')).toBe('former')
  expect(readdirSync(cwd).sort()).toEqual(['former', 'out.hpd', 'out.hpm'])
})

test('what is no file is written to as it is', () => {
  const cwd = recorded()
  expect(heapproof(['export', 'out', '-f', 'json', '-o', '/dev/null'], { cwd }).code).toBe(0)
  expect(readdirSync('/dev')).toContain('null')
  const script = `"$0" "$1" export out -f collapsed -o /dev/stdout | cat`
  const { stdout } = spawnSync('sh', ['-c', script, process.execPath, CLI], { cwd, encoding: 'utf8' })
  expect(stdout).toMatch(/^b .* 500\n/)
})

test('names from a profile lead nowhere', () => {
  const cwd = folderWith()
  const log = new LogBuilder()
  const url = 'file:///app/../../../../tmp/elsewhere'
  log.events
    .alloc(
      1,
      log.trace([
        { function: '../../up', url },
        { function: '</script>', url: '__proto__' },
      ]),
      8,
    )
    .end(2)
  log.write(join(cwd, 'out'))
  for (const format of ['pprof', 'speedscope', 'collapsed', 'heapprofile', 'json']) {
    const { code, stderr } = heapproof(['export', 'out', '-f', format, '-o', format], { cwd })
    expect([code, stderr]).toEqual([0, ''])
  }
  const made = ['collapsed', 'heapprofile', 'json', 'out.hpd', 'out.hpm', 'pprof', 'speedscope']
  expect(readdirSync(cwd).sort()).toEqual(made)
})

test('a reader that has enough is no mistake', () => {
  const cwd = folderWith()
  const log = new LogBuilder()
  for (let line = 1; line < 3000; line++) {
    log.events.alloc(line, log.trace([{ function: 'some function', line }, { function: 'x'.repeat(200) }]), 8)
  }
  log.events.end(3000)
  log.write(join(cwd, 'out'))
  const script = `"$0" "$1" export out -f collapsed | head -n 1`
  const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, CLI], { cwd, encoding: 'utf8' })
  expect(stdout.split('\n')).toHaveLength(2)
  expect(stderr).toBe('')
})
