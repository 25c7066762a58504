import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// An instrument runs a command and gives numbers. It takes the whole process in, to its last moment: profilers write
// their results behind the program's own end, where the program cannot measure any more.

/** CPU time of all threads, user and system, and wall clock, in seconds; to a millisecond, by the shell's `time`. */
export const clock = {
  title: 'CPU time',
  unavailable: () => (succeeds('bash', ['-c', ':']) ? undefined : 'bash, for its time, is not on the PATH'),
  measure(command, { folder, env }) {
    const file = join(folder, 'time')
    const script = 'TIMEFORMAT="%3R %3U %3S"; { time "$@" 2>&3; } 3>&2 2>"$TIME_FILE"'
    run('bash', ['-c', script, 'bash', ...command], { ...env, TIME_FILE: file, LC_ALL: 'C' })
    const [wall, user, system] = readFileSync(file, 'utf8').trim().split('\n').at(-1).split(' ').map(Number)
    return { cpu: user + system, wall }
  },
}

/** Instructions counted by the processor: user space only. */
const perf = {
  title: 'instructions, by perf',
  unavailable: () =>
    /^\d+/.test(countedByPerf(['true'], {}).text) ? undefined : 'perf counts no instructions here',
  measure: (command, { env }) => ({ instructions: Number.parseInt(countedByPerf(command, env).text, 10) }),
}

/** Instructions counted by simulation: slow, and the same on a busy machine as on an idle one. */
const valgrind = {
  title: 'instructions, by valgrind',
  unavailable: () => (succeeds('valgrind', ['--version']) ? undefined : 'valgrind is not on the PATH'),
  measure(command, { folder, env }) {
    const log = join(folder, 'valgrind')
    const options = [
      '--tool=cachegrind',
      '--cache-sim=no',
      '--cachegrind-out-file=/dev/null',
      `--log-file=${log}`,
    ]
    run('valgrind', [...options, ...command], env)
    const count = /I +refs: +([\d,]+)/.exec(readFileSync(log, 'utf8'))?.[1] ?? 'nothing'
    return { instructions: Number(count.replaceAll(',', '')) }
  },
}

export const counters = [perf, valgrind]

function countedByPerf(command, env) {
  const { stderr } = spawnSync('perf', ['stat', '-x,', '-e', 'instructions:u', '--', ...command], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  return { text: stderr?.trim().split('\n').at(-1) ?? '' }
}

function run(command, args, env) {
  const { status, signal, stderr, error } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0)
    throw new Error(`${args.join(' ')}\n${error?.message ?? signal ?? `exit code ${status}`}\n${stderr}`)
}

function succeeds(command, args) {
  return spawnSync(command, args).status === 0
}
