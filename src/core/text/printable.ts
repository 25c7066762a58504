const LONGEST = 400

/** White space that ends a line or moves in it. */
const BREAKS = /\s*[\t\n\v\f\r\u0085\u2028\u2029]+\s*/g
/**
 * What is not seen, or makes its surroundings be read otherwise: control characters (an escape sequence is a command to a
 * terminal), marks that turn the direction of writing, half of a surrogate pair. The joiners stay, languages and emoji
 * need them.
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu

/**
 * A name that somebody else chose, as one line that reads as what it is: no line breaks, and `\u{1b}` for characters that
 * would command a terminal or mislead a reader. At most 400 characters, then `…`.
 */
export function printable(text: string): string {
  const short =
    text.length > LONGEST ? `${text.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, '')}…` : text
  return short
    .replace(BREAKS, ' ')
    .replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`)
}
