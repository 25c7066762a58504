/** A text without the empty lines around it and the indentation that all its lines have, as it is after a backtick. */
export function dedented(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/^(?:[ \t]*\n)+|(?:\n[ \t]*)+$/g, '')
    .split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)?.[0] ?? '')
  const common = indents.reduce(
    (shortest, indent) => (indent.length < shortest.length ? indent : shortest),
    indents[0] ?? '',
  )
  if (!indents.every((indent) => indent.startsWith(common))) return lines.join('\n')
  return lines.map((line) => line.slice(Math.min(common.length, line.length))).join('\n')
}
