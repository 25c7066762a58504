/** How the cells of one column are padded. */
export type Alignment = 'left' | 'right'

/**
 * Lays out rows of cells in columns, two spaces apart unless `gap` says otherwise. The last column is never padded, so
 * a long path at the end breaks nothing. Widths count UTF-16 units, which is right for digits, units and paths.
 */
export function table(rows: readonly (readonly string[])[], align: readonly Alignment[], gap = 2): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    })
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        if (align[column] === 'right') return cell.padStart(widths[column] ?? 0)
        return column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  )
}
