import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { takeSnapshot } from '../../../src/core/live/take-snapshot.js'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import type { Site } from '../../../src/core/types.js'
import { folderWith } from '../../support/command-line.js'

// While a thread is blocked, a thread of ours writes what it has recorded, and knows no lines: V8 tells them to its own
// thread only. Once the thread goes on they have to be there.

const source = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
let kept: unknown[] = []

afterEach(() => {
  stop()
  kept = []
})

function keepArray(): void {
  kept.push(new Array(2_000_000).fill(1)) // 16 MB
}

/** Twice the half second after which a thread is taken for blocked, and a little more. */
function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200)
}

/** The text of the lines on which `keepArray` is said to have allocated. */
function linesOf(found: readonly Site[]): (string | undefined)[] {
  return found.filter((site) => site.function === 'keepArray').map((site) => source[site.line - 1])
}

test('what was recorded before the thread was blocked has its line, in a snapshot and in the profile', () => {
  const base = join(folderWith(), 'run')
  // So coarse that behind the array hardly anything is recorded: nothing new makes the recording write.
  start(base, { samplingInterval: 512 * 1024, domains: ['heap'] })
  keepArray()
  block()
  const line = expect.stringContaining('// 16 MB')
  expect(linesOf(sites(takeSnapshot()).sites)).toEqual([line])
  stop()
  using profile = read(base)
  expect(linesOf(sites(profile).sites)).toEqual([line])
})
