import type { SentenceContext } from '../expect/matcher.js'
import { evidenceLines, message } from '../expect/paragraphs.js'
import { formatSize } from '../text/bytes.js'
import { printable } from '../text/printable.js'
import { table } from '../text/table.js'
import { placeCell } from './cells.js'
import { environmentLine } from './environment.js'
import type { Change, Comparison } from './match.js'
import { bySize } from './render.js'
import type { DigestSite, HeapDigest, StoredSite } from './types.js'
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

/** The message of a snapshot that does not hold: numbers, sites that grew and shrank, evidence, what to do. */
export function sentence({ key, digest, comparison, profile }: Told, context: SentenceContext): string {
  const { changes, unlisted, verdict } = comparison
  const sites = rowsOf(changes, unlisted)
  return message(context, [
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
    evidenceLines(profile, context),
    [verdict === 'smaller' ? SMALLER : UPDATE],
  ])
}

const UPDATE = 'If this is how it should be, update the snapshot: run again with -u.'
const SMALLER =
  'Less is allocated than is stored. Update the snapshot, so that it stays so: run again with -u.'

/** The message of a snapshot that is not stored where nothing may be written. */
export function missingSentence(key: string, text: string, context: SentenceContext): string {
  return message(context, [
    [
      `snapshot   ${printable(key)}`,
      '           is not stored yet, and this run writes none (as with --ci).',
    ],
    ['This would be stored:'],
    text.split('\n'),
  ])
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

/** A site whose line does not hold, or that is new in what has none. */
interface Row {
  readonly site: Pick<StoredSite, 'function' | 'file' | 'line' | 'domain'>
  readonly was: number
  readonly now: number
  readonly isNew: boolean
}

function rowsOf(changes: readonly Change[], unlisted: readonly DigestSite[]): Row[] {
  const rows: Row[] = []
  for (const { line, now, verdict } of changes) {
    if (verdict === 'same' || line.kind === 'total') continue
    if (line.kind === 'site') rows.push({ site: line, was: line.bytes, now, isNew: false })
    else if (verdict === 'grew') {
      for (const site of [...unlisted].sort(bySize).slice(0, MOST_ROWS))
        rows.push({ site, was: 0, now: site.bytes, isNew: true })
    }
  }
  return rows
    .sort((a, b) => Math.abs(b.now - b.was) - Math.abs(a.now - a.was))
    .filter(
      ({ isNew, now }, _, [heaviest]) =>
        !isNew || now * 20 >= Math.abs((heaviest?.now ?? 0) - (heaviest?.was ?? 0)),
    )
}

function siteTable(head: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return []
  const cells = rows
    .slice(0, MOST_ROWS)
    .map(({ site, was, now, isNew }) => [
      isNew ? '-' : size(was),
      now === 0 ? '-' : size(now),
      isNew ? 'new' : now === 0 ? 'gone' : percent(was, now),
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
