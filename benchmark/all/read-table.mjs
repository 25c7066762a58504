/** The first table of a Markdown text: its lines, and `cell(row, column)` by what its row and column begin with. */
export function readTable(text) {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.startsWith('|'))
  if (from < 0) return undefined
  const length = lines.slice(from).findIndex((line) => !line.startsWith('|'))
  const own = lines.slice(from, length < 0 ? undefined : from + length)
  const [head, , ...rows] = own.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
  return {
    markdown: own.join('\n'),
    cell(row, column) {
      const at = head.findIndex((name) => name.startsWith(column))
      return rows.find(([name]) => name.startsWith(row))?.[at]
    },
  }
}
