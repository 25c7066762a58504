import { pipeline } from 'node:stream/promises'
import { HeapproofError } from '../errors.js'
import {
  checkFormat,
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportOptions,
  exportProfile,
} from '../export/export-profile.js'
import type { Reader } from '../reader.js'
import { show } from '../text/show.js'
import { DOMAINS } from '../types.js'
import { inputsOf, openAll, say, sayCut } from './inputs.js'
import { refuseOverwriting, writeOutput } from './output-file.js'
import { oneOf } from './run-options.js'

/** Options of `heapproof export`, as they were typed. */
export interface TypedExport {
  readonly format?: string
  readonly output?: string
  readonly all?: boolean
  readonly at?: string
  readonly value?: string
  readonly domain?: string
}

const FORMATS: readonly string[] = [...EXPORT_FORMATS, 'heapprof']

/** Writes profiles in another format, to a file or to stdout. */
export async function exportCommand(bases: readonly string[], typed: TypedExport): Promise<void> {
  const { format, output = '-', all = false } = typed
  if (format === undefined) {
    throw refused(`--format is needed: one of ${FORMATS.join(', ')}`)
  }
  checkFormat(format, FORMATS)
  if (format === 'json' && typed.value !== undefined)
    throw refused('--value does not go with json, which holds both')
  if (output === '') throw refused('-o must be the path of a file, or - for stdout, received ""')
  const fileBases = inputsOf(bases, all)
  const { readers, close } = openAll(fileBases)
  try {
    if (format === 'heapprof') await toHeapprof(readers, output, typed)
    else await toOutput(readers, fileBases, format as ExportFormat, output, optionsOf(typed))
    sayCut(readers)
  } finally {
    close()
  }
}

async function toOutput(
  readers: readonly Reader[],
  fileBases: readonly string[],
  format: ExportFormat,
  output: string,
  options: ExportOptions,
): Promise<void> {
  const chunks = exportProfile(readers, format, options)
  if (output !== '-') {
    refuseOverwriting(output, fileBases)
    await writeOutput(output, chunks)
    return
  }
  if (format === 'pprof' && process.stdout.isTTY) {
    throw refused('pprof is not for a terminal: name a file with -o')
  }
  try {
    await pipeline(chunks, process.stdout, { end: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error // `heapproof export base | head` is no mistake
  }
}

/** heapprof's files are two, and hold all that happened: there is no time and no value to choose. */
async function toHeapprof(readers: readonly Reader[], output: string, typed: TypedExport): Promise<void> {
  const { at, value, domain } = optionsOf(typed)
  if (at !== undefined || value !== undefined) throw refused('--at and --value do not go with heapprof')
  if (output === '-') throw refused('heapprof has two files: give their path without an extension with -o')
  const [reader, ...others] = readers
  if (reader === undefined || others.length > 0) {
    throw refused('heapprof has one recording in a file: merge several with heapproof merge first')
  }
  const { exportHeapprof } = await import('../heapprof/export.js')
  const { warnings } = exportHeapprof(reader, output, { ...(domain !== undefined && { domain }) })
  for (const warning of warnings) say(warning)
}

function optionsOf({ at, value, domain }: TypedExport): ExportOptions {
  return {
    ...(at !== undefined && { at: timeOf(at) }),
    ...(value !== undefined && { value: oneOf('--value', value, ['live', 'allocated'] as const) }),
    ...(domain !== undefined && { domain: oneOf('--domain', domain, DOMAINS) }),
  }
}

function timeOf(typed: string): number | 'peak' | 'end' {
  if (typed === 'peak' || typed === 'end') return typed
  if (/^\d{1,12}(?:\.\d+)?$/.test(typed)) return Number(typed)
  throw refused(`--at must be a number of seconds from the start, peak or end, received ${show(typed)}`)
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}
