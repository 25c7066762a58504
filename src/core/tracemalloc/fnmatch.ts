const STAR = 0x2a
const QUESTION = 0x3f
const OPEN = 0x5b
const CLOSE = 0x5d
const EXCLAMATION = 0x21
const HYPHEN = 0x2d

/** Whether one character, given by its code point, fits. */
type One = (point: number) => boolean
/** A star, or one character. */
type Part = '*' | One

/**
 * Makes a test of whole names out of a pattern, by the rules of Python's fnmatch:
 *
 *     *        any run of characters, slashes as well, or none
 *     ?        any one character
 *     [abc]    one of these; [a-z] one of a range; ] is one of them when it comes first
 *     [!abc]   any one character but these
 *
 * All else stands for itself, as does a [ that no ] follows. On Windows case makes no difference, and / and \ are the
 * same.
 *
 * Cost: at most the length of the pattern times the length of the name, for any pattern.
 */
export function fnmatch(pattern: string, platform: string = process.platform): (name: string) => boolean {
  const normal = platform === 'win32' ? (text: string) => text.replaceAll('/', '\\').toLowerCase() : same
  const parts = partsOf(pointsOf(normal(pattern)))
  return (name) => matches(parts, pointsOf(normal(name)))
}

/**
 * Walks along the name. When a part does not fit, the last star takes one character more; stars before it never have to
 * change, because whatever they could take, the last one can take as well.
 */
function matches(parts: readonly Part[], name: readonly number[]): boolean {
  let part = 0
  let at = 0
  let star = -1
  let resume = 0
  while (at < name.length) {
    const current = parts[part]
    if (current === '*') {
      star = part++
      resume = at
    } else if (current?.(name[at] as number)) {
      part++
      at++
    } else if (star !== -1) {
      part = star + 1
      at = ++resume
    } else {
      return false
    }
  }
  return parts.slice(part).every((rest) => rest === '*')
}

function partsOf(pattern: readonly number[]): Part[] {
  const parts: Part[] = []
  let at = 0
  while (at < pattern.length) {
    const point = pattern[at++] as number
    if (point === STAR) {
      if (parts.at(-1) !== '*') parts.push('*')
    } else if (point === QUESTION) {
      parts.push(() => true)
    } else {
      const end = point === OPEN ? endOfSet(pattern, at) : -1
      if (end === -1) {
        parts.push((other) => other === point)
      } else {
        parts.push(setOf(pattern.slice(at, end)))
        at = end + 1
      }
    }
  }
  return parts
}

/** Where the ] of a set is; -1 without one. The first character of a set cannot end it. */
function endOfSet(pattern: readonly number[], start: number): number {
  const first = pattern[start] === EXCLAMATION ? start + 1 : start
  return pattern.indexOf(CLOSE, first + 1)
}

function setOf(inside: readonly number[]): One {
  const negated = inside[0] === EXCLAMATION
  const ranges: (readonly [first: number, last: number])[] = []
  let at = negated ? 1 : 0
  while (at < inside.length) {
    const first = inside[at] as number
    const isRange = inside[at + 1] === HYPHEN && at + 2 < inside.length
    ranges.push([first, isRange ? (inside[at + 2] as number) : first])
    at += isRange ? 3 : 1
  }
  return (point) => ranges.some(([first, last]) => first <= point && point <= last) !== negated
}

function pointsOf(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0) as number)
}

function same(text: string): string {
  return text
}
