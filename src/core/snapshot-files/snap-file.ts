import naturalCompare from 'natural-compare'
import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'

/** An entry of a file: where it stands, from `exports` to behind the semicolon. */
interface Entry {
  readonly key: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** A template as the runners print it: backticks, backslashes and `${` are the only escapes. */
const TEMPLATE = '`((?:\\\\[\\s\\S]|[^\\\\`])*)`'
const ENTRY = new RegExp(`exports\\[${TEMPLATE}\\] = ${TEMPLATE};`, 'y')
const BETWEEN = /(?:\s|\/\/[^\n]*)*/y

/** The first lines of new files, by runner; Jest changed its own with version 30. */
function header(runner: string): string {
  const [name, version] = runner.split(' ')
  if (name === 'vitest') return '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html'
  const page = Number(version) < 30 ? 'https://goo.gl/fbAQLP' : 'https://jestjs.io/docs/snapshot-testing'
  return `// Jest Snapshot v1, ${page}`
}

/** A `.snap` file of Jest or Vitest, of which entries can be changed and the rest stays byte by byte. */
export class SnapFile {
  readonly #path: string
  readonly #runner: string
  #text: string | undefined

  /**
   * @param text undefined when there is no file yet
   * @param runner its name and major version, for a file that is new
   */
  constructor(path: string, text: string | undefined, runner: string) {
    this.#path = path
    this.#runner = runner
    this.#text = text
  }

  get text(): string {
    return this.#text ?? `${header(this.#runner)}\n`
  }

  /** The stored text of a key, without the line breaks around it. @throws HeapproofError `damaged-snapshot`. */
  get(key: string): string | undefined {
    return this.#entries()
      .find((entry) => entry.key === key)
      ?.value.replace(/\r\n/g, '\n')
  }

  /** Puts a text in place of the one of this key, or in where the runner would have put it. */
  set(key: string, value: string): void {
    const entries = this.#entries()
    const { text } = this
    const printed = `exports[${template(key)}] = ${template(`\n${value}\n`)};`
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
    const own = printed.replace(/\n/g, lineEnd)
    const same = entries.find((entry) => entry.key === key)
    if (same !== undefined) {
      this.#text = text.slice(0, same.start) + own + text.slice(same.end)
      return
    }
    const next = entries.find((entry) => naturalCompare(entry.key, key) > 0)
    this.#text =
      next === undefined
        ? `${text.trimEnd()}${lineEnd}${lineEnd}${own}${lineEnd}`
        : `${text.slice(0, next.start)}${own}${lineEnd}${lineEnd}${text.slice(next.start)}`
  }

  #entries(): Entry[] {
    const { text } = this
    const entries: Entry[] = []
    let at = skipped(text, 0)
    while (at < text.length) {
      ENTRY.lastIndex = at
      const found = ENTRY.exec(text)
      if (found === null) throw this.#damaged(text, at)
      const [whole, key = '', value = ''] = found
      entries.push({ key: read(key), value: read(value), start: at, end: at + whole.length })
      at = skipped(text, at + whole.length)
    }
    return entries
  }

  #damaged(text: string, at: number): HeapproofError {
    const line = text.slice(0, at).split('\n').length
    const there = text.slice(at).split('\n', 1)[0]
    return new HeapproofError(
      'damaged-snapshot',
      `${this.#path}, line ${line}: expected exports[\`...\`] = \`...\`; received ${show(there)}`,
    )
  }
}

/** A text as a template literal, as both runners print it. */
export function template(text: string): string {
  return `\`${escaped(text)}\``
}

/** A text as it stands inside a template literal. */
export function escaped(text: string): string {
  return text.replace(/`|\\|\$\{/g, '\\$&')
}

function read(printed: string): string {
  return printed.replace(/\\([\s\S])/g, '$1')
}

function skipped(text: string, from: number): number {
  BETWEEN.lastIndex = from
  return from + (BETWEEN.exec(text)?.[0].length ?? 0)
}
