import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { folderWith, heapproof } from '../support/command-line.js'

let cwd = ''

beforeEach(() => {
  cwd = folderWith({ 'main.js': `console.log('it ran')`, file: '' })
  mkdirSync(join(cwd, 'folder'))
  mkdirSync(join(cwd, 'taken.hpm'))
  for (const extension of ['hpm', 'hpd'])
    writeFileSync(join(cwd, `foreign.${extension}`), 'a text that is no profile')
  writeFileSync(join(cwd, 'half.hpm'), '')
})

test.each([
  // no script, or none there
  [['run', '-o', 'out'], 'expected a script: heapproof run -o BASE -- script.js args...'],
  [['run', '-o', 'out', '--'], 'expected a script: heapproof run -o BASE -- script.js args...'],
  [['run', '--', 'missing.js'], 'expected a script, and there is none at "missing.js"'],
  [['run', '--', 'folder'], 'expected a script, and there is none at "folder"'],
  [
    ['run', '--', '--inspect', 'main.js'],
    'expected a script, and there is none at "--inspect"; options of Node itself go into NODE_OPTIONS',
  ],
  // a file base that cannot be written
  [
    ['run', '-o', 'no/such/out', '--', 'main.js'],
    'cannot write a profile to no/such/out: the directory no/such does not exist',
  ],
  [
    ['run', '-o', '/proc/out', '--', 'main.js'],
    'cannot write a profile to /proc/out: the directory /proc is not writable',
  ],
  [['run', '-o', 'file/out', '--', 'main.js'], 'cannot write a profile to file/out: file is not a directory'],
  [
    ['run', '-o', 'folder', '--', 'main.js'],
    'cannot write a profile to folder: that is a directory; give a name inside it, without an extension',
  ],
  [
    ['run', '-o', 'folder/', '--', 'main.js'],
    'cannot write a profile to folder/: that is a directory; give a name inside it, without an extension',
  ],
  [['run', '-o', 'taken', '--', 'main.js'], 'cannot write a profile to taken: taken.hpm is a directory'],
  [
    ['run', '-o', '', '--', 'main.js'],
    'fileBase must be the path of the profile without an extension, received ""',
  ],
  // numbers
  [
    ['run', '--interval', '0', '--', 'main.js'],
    '--interval must be a whole number of bytes from 1 to 1073741824, received "0"',
  ],
  [
    ['run', '--interval', '1e3', '--', 'main.js'],
    '--interval must be a whole number of bytes from 1 to 1073741824, received "1e3"',
  ],
  [
    ['run', '--interval', '5 parsecs', '--', 'main.js'],
    '--interval must be a whole number of bytes from 1 to 1073741824, received "5 parsecs"',
  ],
  [
    ['run', '--interval', '-1', '--', 'main.js'],
    '--interval must be a whole number of bytes from 1 to 1073741824, received "-1"',
  ],
  [
    ['run', '--interval', '2GiB', '--', 'main.js'],
    '--interval must be a whole number of bytes from 1 to 1073741824, received "2GiB"',
  ],
  [
    ['run', '--depth', '1025', '--', 'main.js'],
    '--depth must be a whole number from 1 to 1024, received "1025"',
  ],
  // the other options of run
  [
    ['run', '--sample', '128', '--', 'main.js'],
    `--sample must be a table such as '{128: 1e-4, 8192: 0.1}', received "128"`,
  ],
  [['run', '--sample', '{128: 2}', '--', 'main.js'], /^--sample: the probability below 128 bytes must be/],
  [
    ['run', '--sample', '{}', '--interval', '512', '--', 'main.js'],
    '--interval and --sample are two ways to say the same: give one of them',
  ],
  [
    ['run', '--domains', 'heap,heap', '--', 'main.js'],
    '--domains must be a list of heap, arrayBuffer, native with commas between, received "heap,heap"',
  ],
  [
    ['run', '--domains', 'stack', '--', 'main.js'],
    '--domains must be a list of heap, arrayBuffer, native with commas between, received "stack"',
  ],
  [['run', '--source', 'fast', '--', 'main.js'], '--source must be auto, direct or polled, received "fast"'],
  [
    ['run', '--seed', '0', '--', 'main.js'],
    '--seed must be a whole number from 1 to 9007199254740991, received "0"',
  ],
  [['run', '--mode', 'trace', '--', 'main.js'], '--mode must be profile or stats, received "trace"'],
  [
    ['run', '--mode', 'stats', '-o', 'out', '--', 'main.js'],
    '--output does not go with --mode stats, which records no profile',
  ],
  [
    ['run', '--mode', 'stats', '--depth', '9', '--', 'main.js'],
    '--depth does not go with --mode stats, which records no profile',
  ],
  [['run', '--no-kids', '--', 'main.js'], /^unknown option '--no-kids'/],
  [['top', 'foreign', '-n', 'ten'], '-n must be a whole number, 0 for all, received "ten"'],
  // no profile
  [['top', 'nothing'], 'nothing: no profile here: nothing.hpm and nothing.hpd are missing'],
  [
    ['top', 'folder'],
    'folder: no profile here: folder.hpm and folder.hpd are missing (folder is a directory)',
  ],
  [['top', 'half'], 'half: no profile here: half.hpd is missing'],
  [['top', 'foreign'], /^foreign\.hp[dm]: not a heapproof /],
  // the command line itself
  [[], /^expected a command: run, top, .*, \w+ or \w+; heapproof --help explains them$/],
  [['tpo', 'out'], "unknown command 'tpo' (Did you mean top?)"],
  [['top'], "missing required argument 'base'"],
  [['top', 'a', 'b'], /too many arguments/],
  [['top', 'out', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
  [['--output'], "option '-o, --output <base>' argument missing"],
])('heapproof %j', (args, message) => {
  const before = readdirSync(cwd).sort()
  const { code, stdout, stderr } = heapproof(args, { cwd })
  expect(stderr).toMatch(/^heapproof: .*\n$/) // one line, so no stack
  const sentence = stderr.slice('heapproof: '.length, -1)
  if (typeof message === 'string') expect(sentence).toBe(message)
  else expect(sentence).toMatch(message)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(readdirSync(cwd).sort()).toEqual(before)
})
