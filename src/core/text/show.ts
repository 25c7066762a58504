const LONGEST = 80

/**
 * A value as it should appear inside a sentence: one line, strings in quotes, at most 80 characters. Never throws,
 * whatever the value is, since it is used to describe values that are wrong.
 */
export function show(value: unknown): string {
  let text: string
  try {
    // Loaded with the first wrong value: it takes 3 % of what Node needs to start.
    const { format } = require('pretty-format') as typeof import('pretty-format')
    text = format(value, { min: true, maxDepth: 2, maxWidth: 5 }).replace(/\s*\n\s*/g, ' ')
  } catch {
    text = Object.prototype.toString.call(value)
  }
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text
}
