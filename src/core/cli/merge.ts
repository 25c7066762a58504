import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { HeapproofError } from '../errors.js'
import { mergeProfiles } from '../merge/merge-profiles.js'
import { textBlock } from '../report/text-block.js'
import { plural } from '../text/plural.js'
import { inputsOf, say, sayCut } from './inputs.js'

/** Options of `heapproof merge`, as they were typed. */
export interface TypedMerge {
  readonly output?: string
  readonly all?: boolean
}

/** Logs of builds are read in a browser. */
const LOG_COLUMNS = 160

/**
 * What was left by the shards of a run, in one directory, when all of `paths` are directories; else undefined, and they are
 * profiles. Prints the summary of the whole run.
 *
 * @throws HeapproofError `invalid-argument` when only some of them are; the codes of `mergeRuns`.
 */
export async function mergeRunsCommand(
  paths: readonly string[],
  { output, all = false }: TypedMerge,
): Promise<boolean> {
  const directories = paths.filter(isDirectory)
  if (directories.length === 0) return false
  const profile = paths.find((path) => !directories.includes(path))
  if (profile !== undefined) {
    throw refused(
      `${profile}: is no directory, and ${directories[0]} is one: give either profiles or the directories of runs`,
    )
  }
  if (all) throw refused('--all is for profiles, and these are directories of runs')
  if (output === undefined || output === '') throw refused('-o is needed: the directory of the merged run')
  const { mergeRuns } = await import('../merge/merge-runs.js')
  const { reports, tests, summary, doubled, profiles } = mergeRuns(paths, output)
  const root = dirname(resolve(output))
  const columns = process.stdout.columns || LOG_COLUMNS
  const page = resolve(output, 'index.html')
  for (const line of textBlock(summary, { top: 5, root, cwd: process.cwd(), columns, page })) {
    process.stdout.write(`${line}\n`)
  }
  const again =
    doubled === 0 ? '' : `; ${plural(doubled, 'test')} ran several times, and the last time counts`
  say(
    `${plural(reports, 'report')} with ${plural(tests.length, 'test')} and ${plural(profiles, 'profile')} merged into ${output}${again}`,
  )
  return true
}

/** A profile may have the name of a directory beside it. */
function isDirectory(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false
  return statSync(`${path}.hpm`, { throwIfNoEntry: false }) === undefined
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}

/**
 * Writes several profiles as one. Answers the signal that ended it early, if one did: nothing is left of it then.
 */
export async function mergeCommand(
  bases: readonly string[],
  { output, all = false }: TypedMerge,
): Promise<NodeJS.Signals | undefined> {
  if (output === undefined || output === '') {
    throw refused('-o is needed: the path of the merged profile, without an extension')
  }
  const stopping = new AbortController()
  const stop = (signal: NodeJS.Signals) => stopping.abort(signal)
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop)
  try {
    const parts = await mergeProfiles(inputsOf(bases, all), output, { signal: stopping.signal })
    sayCut(parts)
    say(`${parts.length} ${parts.length === 1 ? 'profile' : 'profiles'} merged into ${output}.hpm and .hpd`)
  } catch (error) {
    if (!stopping.signal.aborted || error !== stopping.signal.reason) throw error
    return stopping.signal.reason
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, stop)
  }
  return undefined
}
