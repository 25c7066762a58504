import { groupDigits } from './format-size.js'

/** `1 sample`, `41,210 samples`. */
export function plural(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? '' : 's'}`
}
