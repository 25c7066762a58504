import { existsSync, readFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { HeapproofError } from '../errors.js'
import { replaceFile } from '../report/replace-file.js'
import { dedented } from '../snapshot/dedent.js'
import type { LoggedSnapshot } from '../snapshot/log.js'
import { boolean, checkOptions, text } from '../text/options.js'
import { show } from '../text/show.js'
import { findLogs } from './find-logs.js'
import { inlineSnapshot } from './inline.js'
import { newText } from './new-text.js'
import { SnapFile } from './snap-file.js'
import { targetOf } from './targets.js'

/** Options of `updateSnapshots`. */
export interface UpdateOptions {
  /** The project. By default the working directory. */
  readonly root?: string | undefined
  /** Find out what would change, and write nothing. */
  readonly dryRun?: boolean | undefined
}

/** What became of one snapshot. */
export interface UpdatedSnapshot {
  /** Path of the file it is in, relative to the root, with forward slashes. */
  readonly file: string
  readonly key: string
  readonly outcome: 'updated' | 'added' | 'unchanged' | 'skipped'
  /** Why it was skipped: a clause. */
  readonly reason: string
}

/** A file of the working tree that is being changed. */
interface Draft {
  readonly before: string | undefined
  text: string
  readonly snap: SnapFile | undefined
}

/**
 * Puts what a run in CI measured into the snapshots of the working tree, as `-u` of the runner would have done there: into
 * `.snap` files and inline. Only what grew, shrank or is new changes; other lines, what was allowed by hand, other
 * snapshots and other environments stay byte by byte. Files are written when all of them are known to be right.
 *
 * @param artifact directory with the `.heapproof` folder of the run, or with those of its shards
 * @throws HeapproofError `invalid-argument`; `artifact-not-found`; `cannot-read` and `damaged-log` for logs;
 *   `damaged-snapshot`; `cannot-write`.
 */
export function updateSnapshots(artifact: string, options: UpdateOptions = {}): UpdatedSnapshot[] {
  const { root: given = '.', dryRun = false } = checkOptions('updateSnapshots()', options, {
    root: text,
    dryRun: boolean,
  })
  const root = resolve(given)
  const drafts = new Map<string, Draft>()
  const updated: UpdatedSnapshot[] = []
  for (const { folder, logged } of findLogs(artifact)) {
    // From the end of a file on, so that places of inline snapshots stay true.
    for (const each of [...logged].sort(fromTheEnd)) updated.push(applied(each, root, folder, drafts))
  }
  if (!dryRun) for (const [path, draft] of drafts) write(path, draft)
  return updated
}

function fromTheEnd(a: LoggedSnapshot, b: LoggedSnapshot): number {
  const [one, other] = [a.inline, b.inline]
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined)
  return other.line - one.line || other.column - one.column
}

function applied(
  logged: LoggedSnapshot,
  root: string,
  folder: string,
  drafts: Map<string, Draft>,
): UpdatedSnapshot {
  const { key, outcome, snapshotFile } = logged
  const skip = (reason: string, file = snapshotFile): UpdatedSnapshot => ({
    file,
    key,
    outcome: 'skipped',
    reason,
  })
  const target = targetOf(logged, root, folder)
  if ('refusal' in target) return skip(target.refusal)
  const file = relative(root, target.path).split(sep).join('/')
  if (outcome === 'same') return { file, key, outcome: 'unchanged', reason: '' }
  if (outcome === 'not-comparable') return skip('the stored one is of another environment', file)
  const draft = drafts.get(target.path) ?? draftOf(target.path, logged)
  if (draft === undefined) return skip('its source is not here', file)
  drafts.set(target.path, draft)
  try {
    return { file, key, outcome: put(draft, file, logged), reason: '' }
  } catch (error) {
    if (error instanceof HeapproofError && error.code === 'source-changed') return skip(error.message, file)
    throw error
  }
}

function put(
  draft: Draft,
  file: string,
  { key, inline, block }: LoggedSnapshot,
): 'updated' | 'added' | 'unchanged' {
  const place = inline && inlineSnapshot(draft.text, file, inline.line, inline.column)
  const stored = place === undefined ? draft.snap?.get(key) : place.text
  const before = stored === undefined || stored.trim() === '' ? undefined : dedented(stored)
  const what = inline === undefined ? `${file}, ${show(key)}` : `${file}:${inline.line}`
  const after = newText(before, block, what)
  if (after === before) return 'unchanged'
  if (place !== undefined) draft.text = place.replaced(after)
  else if (draft.snap !== undefined) {
    draft.snap.set(key, after)
    draft.text = draft.snap.text
  }
  return before === undefined ? 'added' : 'updated'
}

function draftOf(path: string, { inline, digest }: LoggedSnapshot): Draft | undefined {
  const before = existsSync(path) ? readText(path) : undefined
  if (inline !== undefined)
    return before === undefined ? undefined : { before, text: before, snap: undefined }
  const snap = new SnapFile(path, before, digest.environment.runner)
  return { before, text: before ?? '', snap }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new HeapproofError('cannot-read', `${path}: cannot be read: ${(error as Error).message}`)
  }
}

function write(path: string, { before, text: after }: Draft): void {
  if (after === (before ?? '')) return
  try {
    replaceFile(path, after)
  } catch (error) {
    throw new HeapproofError('cannot-write', `${path}: cannot be written: ${(error as Error).message}`)
  }
}
