import { formatTable } from '../session/sampling-table.js'
import { groupDigits } from '../text/bytes.js'
import { table } from '../text/table.js'
import type { Domain } from '../types.js'
import { DOMAINS } from '../types.js'
import type { Calibrated } from './calibrate.js'
import { type SizeClass, type SizeCounts, sizesOf, together } from './size-classes.js'
import { suggest } from './suggest.js'

/** What was counted, and how. */
export interface Gathered {
  /** Those of the heap are estimates. */
  readonly counts: SizeCounts
  readonly heap: Calibrated | undefined
  /** Mean bytes between two draws on the heap. */
  readonly interval: number
  readonly domains: readonly Domain[]
  /** Why native memory was not counted, when it was wanted and could not be. */
  readonly nativeProblem: string | undefined
  /** Which worker thread this is about; undefined in the main thread. */
  readonly worker: number | undefined
}

const NAMES = { heap: 'heap', arrayBuffer: 'array buffers', native: 'native' } as const
const GAP = 3

/** The summary that ends a count of sizes: heapprof's table, what is exact in it, and how to record the program. */
export function summary(gathered: Gathered): string {
  const { counts, worker } = gathered
  const title = worker === undefined ? 'HEAP USAGE SUMMARY' : `HEAP USAGE SUMMARY of worker ${worker}`
  const all = together(counts)
  const body = [...sizeTable(counts, all), '', ...origin(gathered)]
  if (all.length > 0) body.push('', ...suggestion(all))
  return `${['-'.repeat(43), title, ...body].join('\n')}\n`
}

/** A row for each class of sizes that was seen; two columns for each domain that was seen, and two for all of them. */
function sizeTable(counts: SizeCounts, all: readonly SizeClass[]): string[] {
  const seen = DOMAINS.filter((domain) => counts[domain].length > 0)
  const columns = seen.length === 1 ? [all] : [...seen.map((domain) => counts[domain]), all]
  if (all.length === 0) return ['Size   Count   Bytes', '(nothing was allocated)']
  const cells = (classes: readonly SizeClass[]) => [total(classes, 'count'), total(classes, 'bytes')]
  const rows = all.map((row) => [
    sizesOf(row),
    ...columns.flatMap((classes) => cells(classes.filter(({ exponent }) => exponent === row.exponent))),
  ])
  const heads = ['Size', ...columns.flatMap(() => ['Count', 'Bytes'])]
  const last = ['all', ...columns.flatMap(cells)]
  const lines = table(
    [heads, ...rows, last],
    heads.map(() => 'right'),
    GAP,
  )
  return columns.length === 1 ? lines : [headings(lines[0] as string, seen), ...lines]
}

/** Whole numbers as they are, like heapprof's; a class without anything stays empty. */
function total(classes: readonly SizeClass[], of: 'count' | 'bytes'): string {
  return classes.length === 0 ? '' : String(Math.round(classes.reduce((sum, each) => sum + each[of], 0)))
}

/** The names of the domains, each ending where its two columns end. */
function headings(heads: string, seen: readonly Domain[]): string {
  const names = [...seen.map((domain) => NAMES[domain]), 'together']
  let [line, from] = ['', 0]
  for (const name of names) {
    from = heads.indexOf('Bytes', from) + 'Bytes'.length
    line = line.padEnd(from - name.length) + name
  }
  return line
}

function origin({ heap, interval, domains, counts, nativeProblem }: Gathered): string[] {
  const lines: string[] = []
  if (heap !== undefined) lines.push(`heap: ${heapOrigin(heap, interval)}`)
  const exact = domains.filter((domain) => domain !== 'heap')
  if (exact.length > 0) lines.push(`${exact.map((domain) => NAMES[domain]).join(' and ')}: exact, every call`)
  if (nativeProblem !== undefined) lines.push(`native: not counted: ${nativeProblem}`)
  const unseen = domains.filter((domain) => counts[domain].length === 0)
  if (unseen.length > 0) lines.push(`nothing seen of: ${unseen.map((domain) => NAMES[domain]).join(', ')}`)
  return lines
}

function heapOrigin({ samples, error, scaled }: Calibrated, interval: number): string {
  const how =
    interval === 1
      ? `every object that V8 told of, ${groupDigits(samples)}`
      : `estimated from ${groupDigits(samples)} objects, drawn every ${groupDigits(interval)} bytes on average` +
        (samples > 0 ? `, ±${Number((200 * error).toPrecision(2))} %` : '')
  return scaled ? `${how}, scaled to the exact number of bytes` : how
}

function suggestion(all: readonly SizeClass[]): string[] {
  const { table: ranges, tableSamples, interval, intervalSamples } = suggest(all)
  const text = formatTable(ranges)
  return [
    'To record this program, by size or by bytes:',
    `  heapproof run --sample '${text}' -- script.js`,
    `  start(fileBase, { samplingProbability: ${text} })   about ${about(tableSamples)} samples`,
    `  heapproof run --interval ${interval} -- script.js`,
    `  start(fileBase, { samplingInterval: ${interval} })   about ${about(intervalSamples)} samples`,
  ]
}

function about(samples: number): string {
  return groupDigits(Number(samples.toPrecision(2)))
}
