import type { CommandFile } from './command-file.js'
import { compare } from './compare.js'
import { digest } from './digest.js'
import { exportCommand } from './export.js'
import { merge } from './merge.js'
import { run } from './run.js'
import { snapshot } from './snapshot.js'
import { top } from './top.js'

/** All commands, in the order of `heapproof --help`. */
export const COMMANDS: readonly CommandFile[] = [
  run,
  top,
  digest,
  exportCommand,
  merge,
  compare,
  snapshot,
]
