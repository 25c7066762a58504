const KEYWORDS = new Set(['const', 'for', 'if', 'return'])

/** Marks keywords. */
export function highlight(html) {
  return wordsOf(html)
    .map(({ word }) => (KEYWORDS.has(word) ? `<b>${word}</b>` : word))
    .join('')
}

function wordsOf(html) {
  return [...html.matchAll(/\w+|\W+/g)].map(([word], at) => ({ word, at }))
}
