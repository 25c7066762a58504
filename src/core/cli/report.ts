import { HeapproofError } from '../errors.js'
import { writeReport } from '../page/write-report.js'
import { read } from '../reader.js'
import { DigestLine } from './digest-line.js'
import { say, sayCut } from './inputs.js'
import { refuseOverwriting } from './output-file.js'

/** Options of `heapproof report`, as they were typed. */
export interface TypedReport {
  readonly output?: string
  readonly against?: string
  readonly sourceRoot?: string
  /** False with --no-source. */
  readonly source: boolean
  readonly title?: string
}

/** Writes the page of a profile, and says where. */
export function reportCommand(fileBase: string, typed: TypedReport): void {
  const { against, source, sourceRoot, title } = typed
  for (const name of ['output', 'against', 'sourceRoot', 'title'] as const) {
    const option = name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)
    if (typed[name] === '') throw refused(`--${option} must not be empty`)
  }
  if (!source && sourceRoot !== undefined) throw refused('--source-root does not go with --no-source')
  using reader = read(fileBase)
  using other = against === undefined ? undefined : read(against)
  const output = typed.output ?? `${reader.fileBase}.html`
  refuseOverwriting(output, other === undefined ? [reader.fileBase] : [reader.fileBase, other.fileBase])
  const line = new DigestLine(process.stderr)
  try {
    writeReport(output, reader, {
      against: other,
      sourceRoot: source ? (sourceRoot ?? process.cwd()) : undefined,
      title,
      onProgress: (progress) => line.show(progress),
    })
  } finally {
    line.clear()
  }
  sayCut(other === undefined ? [reader] : [reader, other])
  say(`report in ${output}`)
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}
