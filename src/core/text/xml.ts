import { printable } from './printable.js'

/** The two characters that XML has no place for, and `printable` lets through. */
const NO_CHARACTERS = /[\ufffe\uffff]/g

/** A name that somebody else chose, as one line of text that XML may hold. It is not escaped yet. */
export function xmlText(text: string): string {
  return printable(text).replace(
    NO_CHARACTERS,
    (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  )
}
