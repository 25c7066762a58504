#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { HeapproofError } from '../errors.js'
import { packageRoot } from '../package-root.js'
import type { ProgramEnd } from './commands/command-file.js'
import { COMMANDS } from './commands/index.js'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error // `heapproof top base | head` is no mistake
})

const heapproof = program()
heapproof.parseAsync(withCommand(process.argv.slice(2)), { from: 'user' }).catch(report)

/** Commands throw and return; nothing but this file ends the process. */
function program(): Command {
  const program = new Command('heapproof')
    .description('See which line allocates.')
    .version(version(), '-v, --version')
    .enablePositionalOptions()
    .configureOutput({ writeErr: () => {} }) // report() says it, in one line
    .exitOverride()
  for (const add of COMMANDS) add(program, { endLike })
  return program
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
function endLike({ code, signal }: ProgramEnd): void {
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
      return `expected a command: ${names()}; heapproof --help explains them`
    return oneLine(error.message.replace(/^error: /, ''))
  }
  return oneLine(error instanceof HeapproofError ? error.message : `unexpected ${String(error)}`)
}

function names(): string {
  const all = heapproof.commands.map((command) => command.name())
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}
