import type { Header } from '../format/header.js'
import { formatTable } from '../session/sampling-table.js'
import { formatSize, groupDigits } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import { printable } from '../text/printable.js'
import { table } from '../text/table.js'
import type { Info } from './info.js'

/** What a profile holds, for people: a name and a fact on each line. */
export function infoText(info: Info): string {
  const rows = [...filesOf(info), ...programOf(info), ...contentOf(info)]
  return `${table(rows, ['left', 'left'], 3).join('\n')}\n`
}

function filesOf({ fileBase, files }: Info): string[][] {
  const sizes = Object.entries(files).map(([extension, bytes]) => `.${extension} ${size(bytes)}`)
  return [['profile', `${printable(fileBase)}: ${sizes.join(', ')}`]]
}

function programOf({ header, duration, end, truncated }: Info): string[][] {
  const rest = truncated > 0 ? `; ${groupDigits(truncated)} bytes of an unfinished block left out` : ''
  const ends: Record<string, string> = { complete: 'to its end', cut: 'was cut short' }
  const recorded = `${seconds(duration)}, ${ends[end] ?? `stopped early: ${printable(end)}`}${rest}`
  if (header === null)
    return [
      ['recorded', recorded],
      ['header', 'none: the recording was cut before it'],
    ]
  const flags = header.flags.length > 0 ? ` (${header.flags.join(' ')})` : ''
  return [
    ['recorded', `${dateOf(header)}${recorded}`],
    ['program', printable(header.command.join(' ')) || '(not known)'],
    ['in', printable(`Node ${header.node}, ${header.platform}-${header.arch}${flags}, ${threadOf(header)}`)],
    ['domains', header.domains.join(', ')],
    ['source', sourceOf(header)],
    ['lines', header.exactLines ? 'exact' : 'some are those of the function'],
    ['sampling', samplingOf(header)],
    ['depth', `up to ${plural(header.stackDepth, 'frame')} of a stack`],
  ]
}

function contentOf({ stacks, events, counters, peak }: Info): string[][] {
  const { allocations, frees, collections } = events
  const all = counters === null ? 0 : counters.heapBytes + counters.arrayBufferBytes + counters.nativeBytes
  return [
    ['stacks', groupDigits(stacks)],
    ['samples', `${groupDigits(allocations)}, of which ${groupDigits(frees)} were freed`],
    ['collections', groupDigits(collections)],
    ['allocated', counters === null ? 'not known: the counters were never written' : `${size(all)} (exact)`],
    ['peak', peak.bytes > 0 ? `${size(peak.bytes)} live at ${seconds(peak.time)}` : 'nothing was live'],
  ]
}

function dateOf({ startTime }: Header): string {
  const date = new Date(startTime)
  if (!(startTime > 0) || Number.isNaN(date.getTime())) return ''
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC, `
}

function threadOf({ pid, thread, merged }: Header): string {
  if (merged !== undefined) return `${plural(merged.length, 'thread')} of several recordings`
  return `process ${pid}, ${thread === 0 ? 'main thread' : `worker thread ${thread}`}`
}

function sourceOf({ source, sourceReason }: Header): string {
  const known: Record<string, string> = {
    direct: 'direct: V8 tells of samples as it allocates them',
    polled: 'polled: V8 is asked for its samples; functions are known, not lines',
  }
  return `${known[source] ?? printable(source)}${sourceReason === '' ? '' : ` (${printable(sourceReason)})`}`
}

function samplingOf({ sampling, seed }: Header): string {
  const from = seed === undefined ? '' : `, seed ${seed}`
  if ('interval' in sampling) return `every ${formatSize(sampling.interval, 'IEC')} on average${from}`
  return `${sampling.table.length === 0 ? 'everything' : `by size ${formatTable(sampling.table)}`}${from}`
}

function seconds(time: number): string {
  return `${Number(time.toFixed(3))} s`
}

function size(bytes: number): string {
  return formatSize(bytes, 'SI')
}
