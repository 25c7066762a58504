import { HeapproofError } from '../errors.js'
import type { ProcessMeasurement, ProcessPart } from '../process/process-measurement.js'
import { nameOf } from '../process/read-parts.js'
import { formatExactSize, formatSize, groupDigits, type ParsedSize } from '../text/bytes.js'
import { checkOptions } from '../text/options.js'
import { plural } from '../text/plural.js'
import { table } from '../text/table.js'
import type { Domain } from '../types.js'
import { type MatcherContext, type MatcherResult, type SentenceContext, sentenceContext } from './matcher.js'
import { type AllocateOptions, domainRule, domainsOf } from './options.js'
import { allocatingLines, evidenceLines, message } from './paragraphs.js'

const PARTS_SHOWN = 5
const LONGEST_COMMAND = 80

/** Whether it is what `measureProcess` found: by its form, since a test may have it from another copy of heapproof. */
export function isProcessMeasurement(value: unknown): value is ProcessMeasurement {
  if (typeof value !== 'object' || value === null) return false
  const { command, parts, doubts, allocated } = value as Partial<ProcessMeasurement>
  return [command, parts, doubts].every(Array.isArray) && typeof allocated === 'number'
}

/**
 * Whether the processes of a command allocated less than a limit. Processes that were not counted to their end have
 * allocated at least what was counted: then only a limit that is exceeded can be told, and all else fails.
 *
 * @throws HeapproofError `invalid-argument` for options that are about calling a function, and for a domain that was not
 *   counted.
 */
export function processAllocatesLessThan(
  measurement: ProcessMeasurement,
  matcher: string,
  limit: ParsedSize,
  given: { readonly written: readonly unknown[]; readonly options: AllocateOptions | undefined },
  context: MatcherContext,
): MatcherResult {
  const { domain } = checkOptions<Pick<AllocateOptions, 'domain'>>(
    `${matcher} of a measured command`,
    given.options,
    { domain: domainRule },
  )
  const domains = domainsOf(domain)
  const total = totalOf(measurement, domains, matcher)
  const exceeded = total >= limit.bytes
  const isClear = exceeded || measurement.exact
  // What cannot be told makes the assertion fail, with .not or without.
  const pass = isClear ? !exceeded : context.isNot
  const verdict = { measurement, limit, total, domains, isClear }
  return { pass, message: () => sentence(verdict, sentenceContext(matcher, given.written, context)) }
}

const FIELD = { heap: 'heap', arrayBuffer: 'arrayBuffers', native: 'native' } as const

function totalOf(
  measured: ProcessMeasurement | ProcessPart,
  domains: readonly Domain[],
  matcher: string,
): number {
  return domains.reduce((sum, domain) => {
    const bytes = measured[FIELD[domain]]
    if (bytes !== undefined) return sum + bytes
    throw new HeapproofError(
      'invalid-argument',
      `${matcher}: native memory of the command was not counted; give measureProcess { domains: ['native', ...] }`,
    )
  }, 0)
}

interface Verdict {
  readonly measurement: ProcessMeasurement
  readonly limit: ParsedSize
  readonly total: number
  readonly domains: readonly Domain[]
  readonly isClear: boolean
}

function sentence(verdict: Verdict, context: SentenceContext): string {
  const { measurement, limit } = verdict
  const { sites, parts, profile } = measurement
  return message(context, [
    numbers(verdict, context.isNot),
    parts.length > 1 ? partLines(verdict, context.matcher) : [],
    sites.length > 0 ? allocatingLines(sites, measurement, limit.family, context.root) : [],
    evidenceLines(profile, context),
  ])
}

function numbers({ measurement, limit, total, domains, isClear }: Verdict, isNot: boolean): string[] {
  const size = (bytes: number) => formatSize(bytes, limit.family)
  const alike = size(limit.bytes) === size(total)
  const precise = (bytes: number) => (alike ? formatExactSize(bytes) : size(bytes))
  const { exact, doubts, collections } = measurement
  const certainty = exact ? `exact; ${plural(collections, 'collection')}` : 'counted in part'
  const words = { heap: 'heap', arrayBuffer: 'array buffers', native: 'native' }
  const split = domains.map((domain) => `${size(measurement[FIELD[domain]] ?? 0)} ${words[domain]}`)
  return [
    `command     ${shortened(measurement.command.join(' '))}`,
    `limit       ${isNot ? 'at least ' : ''}${precise(limit.bytes)}`,
    `allocated   ${exact ? '' : 'at least '}${precise(total)}   (${certainty})`,
    `            ${split.join(', ')}`,
    ...(isClear ? [] : ['cannot tell whether it is below the limit:']),
    ...doubts.slice(0, PARTS_SHOWN),
    ...(doubts.length > PARTS_SHOWN ? [`and ${doubts.length - PARTS_SHOWN} more`] : []),
  ]
}

function partLines({ measurement, limit, domains }: Verdict, matcher: string): string[] {
  const parts = measurement.parts
    .map((part) => ({ part, bytes: totalOf(part, domains, matcher) }))
    .sort((a, b) => b.bytes - a.bytes)
  const rows = parts
    .slice(0, PARTS_SHOWN)
    .map(({ part, bytes }) => [
      ` ${formatSize(bytes, limit.family)}`,
      nameOf(part),
      shortened(part.command.slice(1).join(' ')),
    ])
  const rest = parts.length - rows.length
  const more = rest > 0 ? [`... ${groupDigits(rest)} more`] : []
  return [...table(rows, ['right', 'left', 'left'], 3), ...more]
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > LONGEST_COMMAND ? `${line.slice(0, LONGEST_COMMAND - 3)}...` : line
}
