import { addon } from '../addon.js'
import { annotate, type Resolve } from '../frames/annotate.js'
import { read } from '../reader.js'
import { sites } from '../reduce/sites.js'
import { start } from '../session/start.js'
import { stop } from '../session/stop.js'
import type { Site } from '../types.js'
import type { Counting } from './reading.js'

/** What measuring needs from the rest of heapproof. Tests put their own in its place. */
export interface Instruments extends Counting {
  isProfiling(): boolean
  start(fileBase: string, samplingInterval: number): void
  stop(): void
  /** The sites of a finished profile that are somebody's own code. */
  sites(fileBase: string): readonly Site[]
}
