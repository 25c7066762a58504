import jsTokens from 'js-tokens'
import { HeapproofError } from '../errors.js'
import { escaped } from './snap-file.js'

/** The name of the matcher whose last argument is a snapshot. */
const MATCHER = 'toMatchInlineHeapSnapshot'

/** An inline snapshot in a source file. */
export interface InlineSnapshot {
  /** Its text as it stands there; undefined when there is none yet. */
  readonly text: string | undefined
  /** The source with another text in its place. */
  replaced(text: string): string
}

interface Place {
  readonly start: number
  readonly end: number
}

/**
 * Finds the inline snapshot of a call.
 *
 * @param line,column where the name of the matcher begins, from 1
 * @throws HeapproofError `source-changed` when there is no such call, or its last argument is no plain text.
 */
export function inlineSnapshot(source: string, path: string, line: number, column: number): InlineSnapshot {
  const at = offsetOf(source, line, column)
  const refuse = (found: string) =>
    new HeapproofError(
      'source-changed',
      `${path}:${line}:${column}: expected a call of ${MATCHER}, as where the run took place, ${found}`,
    )
  if (at === undefined || !source.startsWith(MATCHER, at)) throw refuse('found something else')
  const call = argumentsOf(source, at + MATCHER.length)
  if (call === undefined) throw refuse('found no end of it')
  const { last, close } = call
  if (last === undefined) {
    const inside = { start: close, end: close }
    return { text: undefined, replaced: (text) => put(source, inside, '', text) }
  }
  const written = source.slice(last.start, last.end)
  if (last.isText) return { text: readLiteral(written), replaced: (text) => put(source, last, '', text) }
  if (last.isTemplate) throw refuse('found a template with values in it')
  const behind = { start: last.end, end: last.end }
  return { text: undefined, replaced: (text) => put(source, behind, ', ', text) }
}

/** The last argument of a call whose parenthesis comes next, and where the call is closed. */
function argumentsOf(source: string, from: number) {
  let at = from
  let depth = 0
  let last: (Place & { isText: boolean; isTemplate: boolean }) | undefined
  let isFirst = true
  for (const token of jsTokens(source.slice(from))) {
    const start = at
    at += token.value.length
    const { type, value } = token
    if (/^(?:WhiteSpace|LineTerminatorSequence|.*Comment)$/.test(type)) continue
    const opens = type === 'TemplateHead' || (type === 'Punctuator' && /^[([{]$/.test(value))
    const closes = type === 'TemplateTail' || (type === 'Punctuator' && /^[)\]}]$/.test(value))
    if (closes) depth--
    // A comma may stand behind the last argument: then that is still the one before.
    if (closes && depth === 0) return { last, close: start }
    if (depth === 0 && value !== '(') return undefined // between the name and its parenthesis only space may be
    if (depth === 1 && value === ',') {
      isFirst = true
      continue
    }
    if (depth >= 1) {
      const isText = isFirst && (type === 'NoSubstitutionTemplate' || type === 'StringLiteral')
      const isTemplate = isFirst ? type === 'TemplateHead' : last?.isTemplate === true
      last = { start: isFirst ? start : (last?.start ?? start), end: at, isText, isTemplate }
      isFirst = false
    }
    if (opens) depth++
  }
  return undefined
}

function put(source: string, { start, end }: Place, before: string, text: string): string {
  const lineEnd = source.includes('\r\n') ? '\r\n' : '\n'
  const there = source.slice(start, end)
  const indent = /^[ \t]*/.exec(source.slice(source.lastIndexOf('\n', start) + 1))?.[0] ?? ''
  const inner = innerIndent(there) ?? (indent.includes('\t') ? `${indent}\t` : `${indent}  `)
  const lines = escaped(text)
    .split('\n')
    .map((line) => (line === '' ? '' : inner + line))
  const literal = ['`', ...lines, `${indent}\``].join(lineEnd)
  return source.slice(0, start) + before + literal + source.slice(end)
}

/** What the lines of a template have in front, when it has several: a formatter may have moved them. */
function innerIndent(literal: string): string | undefined {
  const lines = literal
    .split(/\r?\n/)
    .slice(1, -1)
    .filter((line) => line.trim() !== '')
  if (!literal.startsWith('`') || lines.length === 0) return undefined
  return lines
    .map((line) => /^[ \t]*/.exec(line)?.[0] ?? '')
    .reduce((shortest, each) => (each.length < shortest.length ? each : shortest))
}

/** The text of a literal without values; only the escapes that a printed snapshot can have are read. */
function readLiteral(literal: string): string {
  return literal.slice(1, -1).replace(/\\([\s\S])/g, (_, character) => (character === 'n' ? '\n' : character))
}

function offsetOf(source: string, line: number, column: number): number | undefined {
  let at = 0
  for (let number = 1; number < line; number++) {
    at = source.indexOf('\n', at) + 1
    if (at === 0) return undefined
  }
  return at + column - 1
}
