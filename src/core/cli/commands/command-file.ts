import type { Command } from 'commander'

/** How a program ended: by its exit code, or by a signal. */
export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What a command may ask of `main.ts`, the one file that ends the process. */
export interface Main {
  /** End as a program did, when the command has returned. */
  endLike(end: ProgramEnd): void
}

/**
 * One command, in a file of its own: its name, options and help, and what loads the rest. A command throws
 * HeapproofError, or returns; what it needs is imported by its action, since every command starts with this file.
 */
export type CommandFile = (heapproof: Command, main: Main) => void
