/** A table under a heading. Cells are Markdown already: names went through `cell`. */
export interface MarkdownTable {
  readonly title: string
  readonly note?: string
  /** Names of the columns; those that end in a colon are numbers. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The lines of a table. */
export function markdownTable({ title, note, columns, rows }: MarkdownTable): string[] {
  const head = columns.map((column) => column.replace(/:$/, ''))
  const rule = columns.map((column) => (column.endsWith(':') ? '--:' : '---'))
  const body = [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`)
  return [`### ${title}`, '', ...(note === undefined ? [] : [note, '']), ...body, '']
}

const LEFT_OUT = '\nThe rest is left out: GitHub takes no more.\n'

/** As many of the lines as take at most `room` bytes of UTF-8, and a word on the others. Empty when there is hardly any room. */
export function cutToBytes(lines: readonly string[], room: number): string {
  const whole = `${lines.join('\n')}\n`
  if (Buffer.byteLength(whole) <= room) return whole
  let size = Buffer.byteLength(LEFT_OUT)
  const kept: string[] = []
  for (const line of lines) {
    size += Buffer.byteLength(line) + 1
    if (size > room) break
    kept.push(line)
  }
  return kept.length < 3 ? '' : `${kept.join('\n')}\n${LEFT_OUT}`
}
