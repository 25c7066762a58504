import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../native/build/source-digest.mjs'

/** What stands in a page of this repository between its markers of that name. */
export function takeFromPage(page, name) {
  const [text, from, to] = placeIn(page, name)
  return text.slice(from, to)
}

/** Puts `text` into a page of this repository, between its markers of that name; the rest of the page stays. */
export function putIntoPage(page, name, text) {
  const [before, from, to] = placeIn(page, name)
  writeFileSync(join(root, page), `${before.slice(0, from)}\n\n${text}\n\n${before.slice(to)}`)
}

/** Its text, and where in it the place is. */
function placeIn(page, name) {
  const text = readFileSync(join(root, page), 'utf8')
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page} has no place for this: ${begin} ... ${end}`)
  return [text, from + begin.length, to]
}
