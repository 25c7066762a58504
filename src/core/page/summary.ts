import { doubt, samplingRule, warnings } from '../reader/sentences.js'
import type { Reader } from '../reader.js'
import { formatSize, groupDigits } from '../text/bytes.js'
import { html, type Markup } from '../text/markup.js'
import { plural } from '../text/plural.js'
import { printable } from '../text/printable.js'
import type { Counters } from '../types.js'
import type { Totals } from './data/collect.js'

const size = (bytes: number): string => formatSize(bytes, 'SI')

interface Fact {
  readonly name: string
  readonly value: string
  /** What else there is to say: exact or not comes first. */
  readonly notes: readonly string[]
}

/** What one number says of a whole recording, each with whether it is exact. */
export function facts(reader: Reader, totals: Totals): Markup {
  const { counters } = reader
  const { samples, error, live } = totals
  const list: Fact[] = [allocated(counters, totals.allocated), peak(reader)]
  list.push({ name: 'Live at the end', value: size(live), notes: ['estimated'] })
  if (counters !== undefined) list.push(collections(counters))
  list.push({
    name: 'Samples',
    value: groupDigits(samples),
    notes: [`taken ${samplingRule(reader)}`, ...(samples > 0 ? [`estimates of all: ${doubt(error)}`] : [])],
  })
  const items = list.map(
    ({ name, value, notes }) =>
      html`<div><dt>${name}</dt><dd><b>${value}</b>${notes.map((note) => html`<br><span class="soft">${note}</span>`)}</dd></div>\n`,
  )
  return html`<dl class="facts">\n${items}</dl>\n${notices(reader)}`
}

/** Who recorded, when and on what. */
export function origin({ header, duration }: Reader): Markup {
  const took = `${Number(duration.toFixed(duration < 10 ? 3 : 1))} s`
  if (header === undefined)
    return html`<p class="soft">Recorded ${took}; the recording was cut before it said more.</p>\n`
  const { command, node, platform, arch, pid, thread, startTime, merged } = header
  const start = new Date(startTime)
  const when =
    startTime > 0 && !Number.isNaN(start.getTime()) ? start.toISOString().slice(0, 19).replace('T', ' ') : ''
  const who =
    merged === undefined
      ? `process ${pid}${thread > 0 ? `, thread ${thread}` : ''}`
      : plural(merged.length, 'thread')
  const parts = [
    html`${took}${when === '' ? '' : html` from <time datetime="${start.toISOString()}">${when} UTC</time>`}`,
    html`${printable([node && `Node ${node.replace(/^v/, '')}`, platform, arch].filter(Boolean).join(', '))}`,
    html`${who}`,
  ]
  const line = parts.map((part, index) => (index === 0 ? part : html` · ${part}`))
  const typed = command.length === 0 ? '' : html`<p><code>${printable(command.join(' '))}</code></p>\n`
  return html`${typed}<p class="soft">${line}</p>\n`
}

function notices(reader: Reader): Markup {
  const all = warnings(reader)
  return all.length === 0
    ? html``
    : html`<ul class="notices">${all.map((text) => html`<li>${printable(text)}</li>`)}</ul>\n`
}

function allocated(counters: Counters | undefined, estimate: number): Fact {
  if (counters === undefined) return { name: 'Allocated', value: size(estimate), notes: ['estimated'] }
  const { heapBytes, arrayBufferBytes, nativeBytes } = counters
  const parts = [`exact: ${size(heapBytes)} heap`, `${size(arrayBufferBytes)} array buffers`]
  if (nativeBytes > 0) parts.push(`${size(nativeBytes)} native`)
  return {
    name: 'Allocated',
    value: size(heapBytes + arrayBufferBytes + nativeBytes),
    notes: [parts.join(', ')],
  }
}

function peak(reader: Reader): Fact {
  const { bytes, time } = reader.peak()
  return { name: 'Peak', value: size(bytes), notes: [`live at ${Number(time.toFixed(3))} s, estimated`] }
}

function collections({ collections, majorCollections }: Counters): Fact {
  return {
    name: 'Collections',
    value: groupDigits(collections),
    notes: [`exact: ${groupDigits(majorCollections)} major`],
  }
}
