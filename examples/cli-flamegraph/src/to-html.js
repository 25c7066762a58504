/** Paragraphs of a text as HTML. */
export function toHtml(text) {
  return text
    .split('\n\n')
    .map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`)
    .join('\n')
}

function escapeHtml(text) {
  return Array.from(text, (sign) => ({ '<': '&lt;', '&': '&amp;' })[sign] ?? sign).join('')
}
