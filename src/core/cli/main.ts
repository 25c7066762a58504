#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { HeapproofError } from '../errors.js'
import { packageRoot } from '../package-root.js'
import type { TypedDigest } from './digest.js'
import type { TypedExport } from './export.js'
import type { TypedMerge } from './merge.js'
import type { RunOptions } from './run-options.js'
import type { TopOptions } from './top.js'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error // `heapproof top base | head` is no mistake
})

main(process.argv.slice(2)).catch(report)

/** Commands throw and return; nothing but this file ends the process. */
async function main(args: string[]): Promise<void> {
  await program().parseAsync(withCommand(args), { from: 'user' })
}

function program(): Command {
  const heapproof = new Command('heapproof')
    .description('See which line allocates.')
    .version(version(), '-v, --version')
    .enablePositionalOptions()
    .configureOutput({ writeErr: () => {} }) // report() says it, in one line
    .exitOverride()

  heapproof
    .command('run')
    .description(
      'Run a Node program and record what it allocates. `heapproof -o BASE -- script.js` is the same.',
    )
    .usage('[options] -- <script> [args...]')
    .argument('[script]', 'the program, as node takes it')
    .argument('[args...]', 'its arguments')
    .option('-o, --output <base>', 'path of the profile, without an extension (default: heapproof)')
    .option('--interval <bytes>', 'mean bytes between two samples, such as 131072 or 64KiB (default: 131072)')
    .option('--sample <table>', "probabilities by size in place of an interval: '{128: 1e-4, 8192: 0.1}'")
    .option('--depth <frames>', 'frames kept of each stack, 1 to 1024 (default: 128)')
    .option('--domains <list>', 'heap, arrayBuffer, native (default: heap,arrayBuffer)')
    .option('--source <source>', 'of samples of the heap: auto, direct or polled (default: auto)')
    .option('--no-exact-lines', 'faster on Node 24 and later; some lines are those of the function')
    .option('--seed <number>', 'makes the choice of samples repeatable, where it is ours')
    .option('--mode <mode>', 'profile, or stats: count sizes and print a summary (default: profile)')
    .option('--no-children', 'leave out the processes that the program starts')
    .option('--no-workers', 'leave out worker threads')
    .passThroughOptions()
    .action(async (script: string | undefined, scriptArgs: string[], options: RunOptions) => {
      const { run } = await import('./run.js')
      endLike(await run(script, scriptArgs, options))
    })

  heapproof
    .command('top')
    .description('Print the lines that allocated most.')
    .argument('<base>', 'path of the profile, without an extension')
    .option('-n <count>', 'number of lines, 0 for all (default: 20)')
    .option('--json', 'print every line as JSON')
    .action(async (base: string, options: TopOptions) => {
      const { top } = await import('./top.js')
      process.stdout.write(top(base, options))
    })

  heapproof
    .command('digest')
    .description('Write BASE.hpc, with which what was live when is found at once.')
    .argument('<base>', 'path of the profile, without an extension')
    .option('--interval <time>', 'between snapshots, such as 0.5s or 20ms (default: from the duration)')
    .option('--precision <part>', 'of the bytes, 0 to less than 1, that the smallest stacks may be left with')
    .action(async (base: string, options: TypedDigest) => {
      const { digestCommand } = await import('./digest.js')
      await digestCommand(base, options)
    })

  heapproof
    .command('export')
    .description('Write profiles in a format that other tools open. Several are written as one.')
    .argument('<base...>', 'paths of profiles, without an extension')
    .option('-f, --format <format>', 'pprof, speedscope, collapsed, heapprofile, json or heapprof')
    .option('-o, --output <path>', 'file to write, - for stdout (default: -)')
    .option('--all', 'with the profiles of worker threads and child processes')
    .option('--at <time>', 'seconds from the start, peak or end (default: end)')
    .option('--value <value>', 'live or allocated')
    .option('--domain <domain>', 'heap, arrayBuffer or native only')
    .action(async (bases: string[], options: TypedExport) => {
      const { exportCommand } = await import('./export.js')
      await exportCommand(bases, options)
    })

  heapproof
    .command('merge')
    .description('Write several profiles as one profile.')
    .argument('<base...>', 'paths of profiles, without an extension')
    .option('-o, --output <base>', 'path of the merged profile, without an extension')
    .option('--all', 'with the profiles of worker threads and child processes')
    .action(async (bases: string[], options: TypedMerge) => {
      const { mergeCommand } = await import('./merge.js')
      const signal = await mergeCommand(bases, options)
      if (signal !== undefined) endLike({ code: null, signal })
    })
  return heapproof
}

/** heapprof's form: options and a script, and no command. */
function withCommand(args: string[]): string[] {
  const first = args[0]
  const isOwn =
    first === undefined || !first.startsWith('-') || ['-h', '--help', '-v', '--version'].includes(first)
  return isOwn ? args : ['run', ...args]
}

function version(): string {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version
}

/** Ends as the program did: with its exit code, or by the signal that ended it. */
function endLike({ code, signal }: { code: number | null; signal: NodeJS.Signals | null }): void {
  process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal]
  if (signal !== null) process.kill(process.pid, signal)
}

function report(error: unknown): void {
  if (error instanceof CommanderError && error.exitCode === 0) return // help or the version was asked for
  process.exitCode = 1
  process.stderr.write(`heapproof: ${sentence(error)}\n`)
}

function sentence(error: unknown): string {
  if (error instanceof CommanderError) {
    if (error.code === 'commander.help')
      return 'expected a command: run, top, digest, export or merge; heapproof --help explains them'
    return oneLine(error.message.replace(/^error: /, ''))
  }
  return oneLine(error instanceof HeapproofError ? error.message : `unexpected ${String(error)}`)
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}
