import { readFileSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { read } from '../reader.js'
import { FAILURE_EXTENSION, failuresOf, type Part, partsOf } from '../session/parts.js'
import { annotateFromDisk } from '../session/source-map-file.js'
import { groupDigits } from '../text/bytes.js'
import type { Ending } from './run-node.js'

/** How many profiles are named; the others are counted. */
const NAMED = 8

/** Says on stderr which profiles a run left. Nothing of a program that did not get as far as recording. */
export function finish(fileBase: string, { signal }: Ending): void {
  for (const part of failuresOf(fileBase)) sayFailure(part)
  const [program, ...others] = partsOf(fileBase).map(completed)
  if (program?.fileBase !== fileBase) return
  if (signal !== null) sayEarlyEnd(fileBase)
  say(`profile in ${fileBase}.hpm and .hpd; see it with: npx heapproof top ${shellWord(fileBase)}`)

  const shown = others.length > NAMED + 1 ? others.slice(0, NAMED) : others
  for (const part of shown) say(`${nameOf(part)}: ${part.fileBase}.hpm and .hpd`)
  const rest = others.slice(shown.length)
  if (rest.length > 0) say(`and ${groupDigits(rest.length)} more profiles: ${patterns(fileBase, rest)}`)
}

function say(sentence: string): void {
  console.error(`heapproof: ${sentence}`)
}

/** `process 1234 (task.js)` or `worker thread 2 of process 1234`: Node tells workers their script later. */
function nameOf({ pid, thread, script }: Part & { readonly script?: string | undefined }): string {
  const name = pid === undefined ? 'the program' : `process ${pid}`
  if (thread > 0) return `worker thread ${thread} of ${name}`
  return script === undefined ? name : `${name} (${basename(script)})`
}

function patterns(fileBase: string, parts: readonly Part[]): string {
  const all = [
    ...(parts.some(({ pid }) => pid === undefined) ? [`${fileBase}.t*.hpm`] : []),
    ...(parts.some(({ pid }) => pid !== undefined) ? [`${fileBase}.p*.hpm`] : []),
  ]
  return all.join(' and ')
}

function sayFailure(part: Part): void {
  const path = `${part.fileBase}.${FAILURE_EXTENSION}`
  try {
    say(`${nameOf(part)} was not recorded: ${readFileSync(path, 'utf8')}`)
    rmSync(path, { force: true })
  } catch {
    // Somebody has cleared it away.
  }
}

/**
 * The part with the name of its script, and its places in the sources: a thread that was ended from outside, or a
 * process that was killed, had no time to look for source maps.
 */
function completed(part: Part): Part & { readonly script?: string | undefined } {
  let script: string | undefined
  try {
    using profile = read(part.fileBase)
    script = profile.header?.command[1]
    if (isRunning(profile.header)) return { ...part, script }
  } catch {
    return part // whoever reads it is told
  }
  annotateFromDisk(part.fileBase)
  return { ...part, script }
}

/** A process that outlives the program that started it still writes. */
function isRunning(header: { pid: number } | undefined): boolean {
  if (header === undefined) return true
  try {
    process.kill(header.pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** A signal ended the program before it could say this. */
function sayEarlyEnd(fileBase: string): void {
  try {
    using profile = read(fileBase)
    if (profile.end) say(`the recording stopped early: ${profile.end}`)
  } catch {
    // What is wrong with the profile is said by whoever reads it.
  }
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
