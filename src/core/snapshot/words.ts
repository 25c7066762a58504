import { DOMAINS, type Domain } from '../types.js'

/** What a total is called in a snapshot. */
export const TOTAL_WORDS: Readonly<Record<Domain, string>> = {
  heap: 'heap',
  arrayBuffer: 'array buffers',
  native: 'native',
}

/** What stands behind a site that is not of the heap. */
export const SITE_WORDS: Readonly<Record<Exclude<Domain, 'heap'>, string>> = {
  arrayBuffer: '(array buffer)',
  native: '(native)',
}

/** What all sites together are called that are not listed. */
export const REST_WORD = 'elsewhere'

/** The domain that a word stands for, or undefined. */
export function domainOf(words: Readonly<Partial<Record<Domain, string>>>, word: string): Domain | undefined {
  return DOMAINS.find((domain) => words[domain] === word)
}
