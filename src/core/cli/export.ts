import { HeapproofError } from '../errors.js'
import {
  checkFormat,
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportOptions,
  exportProfile,
} from '../export/export-profile.js'
import type { Reader } from '../reader.js'
import { DOMAINS } from '../types.js'
import { inputsOf, openAll, say, sayCut } from './inputs.js'
import { oneOf } from './run-options.js'
import { checkOutput, sendOutput } from './send-output.js'
import { timeOf } from './times.js'

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
  checkOutput(output)
  const fileBases = inputsOf(bases, all)
  const { readers, close } = openAll(fileBases)
  try {
    if (format === 'heapprof') await toHeapprof(readers, output, typed)
    else {
      const chunks = exportProfile(readers, format as ExportFormat, optionsOf(typed))
      const notForTerminal = format === 'pprof' ? 'pprof' : undefined
      await sendOutput({ path: output, fileBases, notForTerminal }, chunks)
    }
    sayCut(readers)
  } finally {
    close()
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
    ...(at !== undefined && { at: timeOf('--at', at) }),
    ...(value !== undefined && { value: oneOf('--value', value, ['live', 'allocated'] as const) }),
    ...(domain !== undefined && { domain: oneOf('--domain', domain, DOMAINS) }),
  }
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}
