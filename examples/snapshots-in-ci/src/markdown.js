/** Turns a small part of Markdown into HTML: headings, lists, paragraphs. */
export function toHtml(text) {
  return blocksOf(text).map(render).join('\n')
}

function blocksOf(text) {
  return text.split(/\n{2,}/).map((block) => {
    const lines = block.split('\n')
    const level = /^#+/.exec(lines[0])?.[0].length ?? 0
    return { level, isList: lines.every((line) => line.startsWith('- ')), lines }
  })
}

function render({ level, isList, lines }) {
  if (level > 0) return `<h${level}>${lines[0].slice(level + 1)}</h${level}>`
  if (isList) return `<ul>${lines.map((line) => `<li>${line.slice(2)}</li>`).join('')}</ul>`
  return `<p>${lines.join(' ')}</p>`
}
