const BETWEEN = '  '

/** What would end a line or a cell, or is not seen. */
const PLAIN = /^(?!["±+ ])(?:(?![\p{Cc}\p{Cf}\p{Cs}\u2028\u2029])\S| (?=\S))+$/u
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}]/gu

/** Two spaces between the cells, since there are single ones in names. */
export function joinCells(cells: readonly string[]): string {
  return cells.join(BETWEEN)
}

/**
 * A name as a cell: as it is, or in quotes, with escapes as in JSON, when it has spaces in a row, line breaks, characters
 * that nobody sees, or looks like something else.
 */
export function nameCell(name: string): string {
  return PLAIN.test(name) ? name : quoted(name)
}

/** A place as a cell: `src/feed.ts:18`, or the file alone when the line is not known. */
export function placeCell(file: string, line: number): string {
  const shown = PLAIN.test(file) && !/:\d+$/.test(file) ? file : quoted(file)
  return line > 0 ? `${shown}:${line}` : shown
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, (character) =>
    character === ' '
      ? ' '
      : Array.from(
          { length: character.length },
          (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
        ).join(''),
  )
}

const CELL = /[ \t]*("(?:[^"\\]|\\.)*"\S*|\S+(?: \S+)*)(?=[ \t]{2}|\t|[ \t]*$)/y

/** The cells of a line; undefined when quotes do not match. */
export function splitCells(line: string): string[] | undefined {
  const cells: string[] = []
  CELL.lastIndex = 0
  const end = line.trimEnd().length
  while (CELL.lastIndex < end) {
    const cell = CELL.exec(line)?.[1]
    if (cell === undefined) return undefined
    cells.push(cell)
  }
  return cells
}

/** Reads what {@link nameCell} wrote; undefined for quotes that do not match or escapes that are none. */
export function readName(cell: string): string | undefined {
  if (!cell.startsWith('"')) return cell
  try {
    const name: unknown = JSON.parse(cell)
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}

/** Reads what {@link placeCell} wrote. */
export function readPlace(cell: string): { readonly file: string; readonly line: number } | undefined {
  const [, path, digits] = /^(".*"|.*?)(?::(\d+))?$/s.exec(cell) ?? []
  const file = path === undefined ? undefined : readName(path)
  const line = digits === undefined ? 0 : Number(digits)
  if (file === undefined || !Number.isSafeInteger(line)) return undefined
  return { file, line }
}
