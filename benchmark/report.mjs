import { readFileSync, writeFileSync } from 'node:fs'
import { page } from './paths.mjs'

/** Puts `text` into docs/overhead.md, between the markers of that name; the rest of the page stays. */
export function putIntoPage(name, text) {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const before = readFileSync(page, 'utf8')
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/overhead.md has no place for this: ${begin} ... ${end}`)
  writeFileSync(page, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`)
}
