import { spawnSync } from 'node:child_process'
import { compile, sourcesIn } from './compile.mjs'
import { report } from './tap.mjs'

const FOLDERS = ['native/base', 'test/native/base']
const OPTIONS = ['-std=gnu++20', '-O1', '-g', '-Wall', '-Wextra', '-fno-omit-frame-pointer']

const SANITIZERS = [
  {
    title: 'address sanitizer',
    output: 'address/pure',
    options: ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
    cases: [],
  },
  {
    title: 'thread sanitizer',
    output: 'thread/pure',
    options: ['-fsanitize=thread'],
    // The others have one thread, and take long in a build that looks at every access for another's.
    cases: ['--test-case=*thread*'],
  },
]

/** The pure C++ half of native/ and its tests, under one sanitizer after the other. */
export async function testPureHalf() {
  for (const { title, output, options, cases } of SANITIZERS) {
    const binary = await compile({
      output,
      sources: sourcesIn(...FOLDERS),
      options: [...OPTIONS, ...options],
      link: ['-pthread', '-ldl'],
      from: FOLDERS,
    })
    for (const name of namesOf(binary, cases)) testCase(binary, title, name)
  }
}

function namesOf(binary, cases) {
  const { stdout } = spawnSync(binary, ['--list-test-cases', '--no-intro', ...cases], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line !== '' && !/^(\[doctest\]|={10})/.test(line))
}

// In a process of its own: a report of a sanitizer ends it, or belongs to it at least.
function testCase(binary, title, name) {
  const filter = name.replaceAll(/[\\,]/g, '\\$&')
  const { status, signal, stdout, stderr } = spawnSync(binary, ['--no-intro', `--test-case=${filter}`], {
    encoding: 'utf8',
    env: { ...process.env, TSAN_OPTIONS: 'exitcode=66', UBSAN_OPTIONS: 'print_stacktrace=1' },
  })
  const ran = /test cases: *([1-9]\d*)/.test(stdout)
  const ok = status === 0 && ran && !/ERROR: |WARNING: ThreadSanitizer/.test(stderr)
  report(`${title}: ${name}`, ok, `${signal ?? `exit code ${status}`}\n${stdout}\n${stderr}`)
}
