import { printable } from '../../text/printable.js'

/**
 * A text that somebody else chose, inside Markdown: as code, and with all ASCII punctuation written as entities, which
 * Markdown takes for the characters and never for its own signs. So no name ends a cell, a row or the code, becomes a
 * link or mentions anybody.
 */
export function cell(text: string): string {
  const safe = printable(text).replace(/[!-/:-@[-`{-~]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return safe.trim() === '' ? '' : `<code>${safe}</code>`
}
