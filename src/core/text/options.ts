import { HeapproofError } from '../errors.js'
import { nearest } from './nearest.js'
import { show } from './show.js'

/** Checks one option: returns what was expected instead, or undefined when the value is good. */
export type OptionRule = (value: unknown) => string | undefined

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): OptionRule {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `a whole number from ${min} to ${max}`
}

/** `true` or `false`. */
export const boolean: OptionRule = (value) => (typeof value === 'boolean' ? undefined : 'true or false')

/** A string with at least one character. */
export const text: OptionRule = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty'

/**
 * Checks an options object against its rules, and returns it. `undefined` as a whole or as a value means "not given".
 *
 * @throws HeapproofError `invalid-argument` when it is not an object, has a name no rule knows (the error suggests the
 *   nearest known one), or has a value its rule refuses.
 */
export function checkOptions<T extends object>(
  what: string,
  given: T | undefined,
  rules: Readonly<Record<keyof T & string, OptionRule>>,
): T {
  if (given === undefined) return {} as T
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new HeapproofError(
      'invalid-argument',
      `${what}: expected an object with options, received ${show(given)}`,
    )
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, name)) throw unknownOption(what, name, Object.keys(rules))
    const expected = value === undefined ? undefined : rules[name as keyof T & string](value)
    if (expected !== undefined) {
      throw new HeapproofError(
        'invalid-argument',
        `${what}: ${name} must be ${expected}, received ${show(value)}`,
      )
    }
  }
  return given
}

function unknownOption(what: string, name: string, known: readonly string[]): HeapproofError {
  const suggestion = nearest(name, known)
  const help =
    suggestion !== undefined
      ? `did you mean ${show(suggestion)}?`
      : known.length > 0
        ? `it has ${known.join(', ')}`
        : 'it has no options'
  return new HeapproofError('invalid-argument', `${what}: unknown option ${show(name)}; ${help}`)
}
