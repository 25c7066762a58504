import stringWidth from 'string-width'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Cuts a line so that it takes at most so many columns of a terminal, the `…` at its end included. */
export function cutToColumns(line: string, columns: number): string {
  if (stringWidth(line) <= columns) return line
  let kept = ''
  let width = 0
  for (const { segment } of graphemes.segment(line)) {
    width += stringWidth(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}
