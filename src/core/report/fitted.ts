/** Part of a block of text: a heading and rows, the most important first. */
export interface Section {
  readonly heading: string
  readonly rows: readonly string[]
}

/**
 * The lines of the sections, in at most `room` lines. What is too much is taken from the end of the longest section, of
 * two equally long ones from the earlier; each keeps its heading and one row. Headings tell how many there are, so that
 * nothing has to say what was left out.
 */
export function fitted(sections: readonly Section[], room: number): string[] {
  const shown = sections.map(({ rows }) => rows.length)
  const lines = () => shown.reduce((sum, rows) => sum + 1 + rows, 0)
  while (lines() > room) {
    const most = Math.max(...shown)
    if (most <= 1) break
    shown[shown.indexOf(most)] = most - 1
  }
  return sections.flatMap(({ heading, rows }, index) => [heading, ...rows.slice(0, shown[index])])
}
