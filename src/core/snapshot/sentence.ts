import type { SentenceContext } from '../expect/matcher.js'
import { evidenceLines, message, messageOf } from '../expect/paragraphs.js'
import { formatSize } from '../text/bytes.js'
import { printable } from '../text/printable.js'
import { table } from '../text/table.js'
import type { Domain } from '../types.js'
import { placeCell } from './cells.js'
import { environmentLine } from './environment.js'
import type { Change, Comparison } from './match.js'
import type { HeapDigest, StoredSite } from './types.js'
import { SITE_WORDS, TOTAL_WORDS } from './words.js'

const MOST_ROWS = 10

/** What the message about a snapshot is made of. */
export interface Told {
  readonly key: string
  readonly digest: HeapDigest
  readonly comparison: Comparison
  /** Where the profile of what was measured is. */
  readonly profile: string | undefined
}

/** The message of a snapshot that does not hold, for a matcher. */
export function sentence(told: Told, context: SentenceContext): string {
  return message(context, paragraphs(told, context))
}

/** The same for a test whose whole body has a snapshot. */
export function testSentence(told: Told, where: Pick<SentenceContext, 'root' | 'cwd'>): string {
  return messageOf('the heap snapshot of this test', paragraphs(told, where))
}

/** Numbers, sites that grew and shrank, evidence, what to do. */
function paragraphs(
  { key, digest, comparison, profile }: Told,
  where: Pick<SentenceContext, 'root' | 'cwd'>,
): string[][] {
  const { changes, verdict } = comparison
  const sites = rowsOf(comparison)
  return [
    [`snapshot   ${printable(key)}`, `           ${environmentLine(digest.environment)}`],
    numbers(changes),
    siteTable(
      'grew',
      sites.filter(({ now, was }) => now > was),
    ),
    siteTable(
      'smaller',
      sites.filter(({ now, was }) => now < was),
    ),
    renames(sites),
    evidenceLines(profile, where),
    [verdict === 'smaller' ? SMALLER : UPDATE],
  ]
}

const UPDATE = 'If this is how it should be, update the snapshot: run again with -u.'
const SMALLER =
  'Less is allocated than is stored. Update the snapshot, so that it stays so: run again with -u.'

/** The message of a snapshot that is not stored where nothing may be written. */
export function missingSentence(key: string, text: string, context: SentenceContext): string {
  return message(context, missing(key, text))
}

/** The same for a test whose whole body has a snapshot. */
export function missingTestSentence(key: string, text: string): string {
  return messageOf('the heap snapshot of this test', missing(key, text))
}

function missing(key: string, text: string): string[][] {
  return [
    [
      `snapshot   ${printable(key)}`,
      '           is not stored yet, and this run writes none (as with --ci).',
    ],
    ['This would be stored:'],
    text.split('\n'),
  ]
}

/** Every total: what is stored, what was measured, and what it may differ by. */
function numbers(changes: readonly Change[]): string[] {
  const totals = changes.filter(({ line }) => line.kind === 'total')
  const rows = totals.map(({ line, now, slack, verdict }) => [
    line.kind === 'total' ? TOTAL_WORDS[line.domain] : '',
    size(line.bytes),
    size(now),
    percent(line.bytes, now),
    verdict === 'same' ? '' : `${verdict}; ±${size(slack)} is allowed`,
  ])
  return table([['', 'stored', 'now', '', ''], ...rows], ['left', 'right', 'right', 'right', 'left'], 3)
}

/** A site, with what is stored of it and what was measured. */
interface Row {
  readonly site: Pick<StoredSite, 'function' | 'file' | 'line' | 'domain'>
  readonly was: number
  readonly now: number
  /** It has no line of its own in the snapshot. */
  readonly isNew: boolean
  /** What stands beside its numbers. */
  readonly mark: string
}

/** A difference of less than this part of the greatest one explains nothing. */
const WORTH_TELLING = 0.05

/**
 * The sites that differ, the most first: those beyond what they may, and when a total does not hold all that differ much,
 * since each alone may be within its own uncertainty. Sites without a line count when there is more of them than there was.
 */
function rowsOf({ changes, unlisted }: Comparison): Row[] {
  const isTotal = changes.some(({ line, verdict }) => line.kind === 'total' && verdict !== 'same')
  const rows: Row[] = []
  // Without a last line it is not stored which sites there were.
  const areStored = changes.some(({ line }) => line.kind === 'rest')
  let areNewTold = isTotal && !areStored
  for (const { line, now, verdict } of changes) {
    if (line.kind === 'site' && (isTotal || verdict !== 'same'))
      rows.push({
        site: line,
        was: line.bytes,
        now,
        isNew: false,
        mark: now === 0 ? 'gone' : percent(line.bytes, now),
      })
    if (line.kind === 'rest' && (verdict === 'grew' || (isTotal && now > line.bytes))) areNewTold = true
  }
  // What is left over is an estimate: it may be as much as before by chance. Growth is not left without a word of where.
  const told = new Set(rows.filter(({ was, now }) => now > was).map(({ site }) => site.domain))
  const isUntold = (domain: Domain) =>
    !told.has(domain) &&
    changes.some(({ line, verdict }) => line.kind === 'total' && line.domain === domain && verdict === 'grew')
  for (const site of unlisted)
    if (areNewTold || isUntold(site.domain))
      rows.push({ site, was: 0, now: site.bytes, isNew: true, mark: areNewTold && areStored ? 'new' : '' })
  const difference = ({ was, now }: Row) => Math.abs(now - was)
  rows.sort((a, b) => difference(b) - difference(a))
  const least = WORTH_TELLING * (rows[0] === undefined ? 0 : difference(rows[0]))
  return rows.filter((row) => difference(row) >= least && difference(row) > 0)
}

function siteTable(head: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return []
  const cells = rows
    .slice(0, MOST_ROWS)
    .map(({ site, was, now, isNew, mark }) => [
      isNew ? '-' : size(was),
      now === 0 ? '-' : size(now),
      mark,
      printable(site.function),
      place(site),
    ])
  const lines = table(
    [['stored', 'now', head, '', ''], ...cells],
    ['right', 'right', 'right', 'left', 'left'],
    3,
  )
  return rows.length > MOST_ROWS ? [...lines, `... ${rows.length - MOST_ROWS} more`] : lines
}

/** Functions that are gone while others with about the same bytes have come: most likely only their names changed. */
function renames(rows: readonly Row[]): string[] {
  const come = rows.filter(({ isNew }) => isNew)
  return rows
    .filter(({ now, isNew }) => !isNew && now === 0)
    .flatMap((gone) => {
      const like = come.find(
        ({ site, now }) => site.domain === gone.site.domain && Math.abs(now - gone.was) <= gone.was / 4,
      )
      return like === undefined ? [] : [`Renamed? ${named(gone.site)} may be ${named(like.site)} now.`]
    })
}

function named({ function: name, file }: Row['site']): string {
  return `${printable(name)} in ${printable(file)}`
}

function place({ file, line, domain }: Row['site']): string {
  const at = placeCell(file, line)
  return domain === 'heap' ? at : `${at} ${SITE_WORDS[domain]}`
}

function size(bytes: number): string {
  return formatSize(bytes < 1000 ? Math.round(bytes) : bytes, 'SI')
}

function percent(was: number, now: number): string {
  if (was === 0) return now === 0 ? '' : 'new'
  const change = Math.round((100 * (now - was)) / was)
  return change === 0 ? '' : `${change > 0 ? '+' : ''}${change} %`
}
