import type { CommandFile } from './command-file.js'
import { compare } from './compare.js'
import { diff } from './diff.js'
import { digest } from './digest.js'
import { exportCommand } from './export.js'
import { flame } from './flame.js'
import { flow } from './flow.js'
import { info } from './info.js'
import { merge } from './merge.js'
import { plot } from './plot.js'
import { report } from './report.js'
import { run } from './run.js'
import { snapshot } from './snapshot.js'
import { top } from './top.js'

/** All commands, in the order of `heapproof --help`. */
export const COMMANDS: readonly CommandFile[] = [
  run,
  top,
  report,
  plot,
  flow,
  flame,
  diff,
  info,
  digest,
  exportCommand,
  merge,
  compare,
  snapshot,
]
