import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { highlight } from './highlight.js'
import { toHtml } from './to-html.js'

/** Builds the site: every page, two hundred times over, as a large one would have. */
const pages = fileURLToPath(new URL('../pages', import.meta.url))
const site = fileURLToPath(new URL('../site', import.meta.url))
mkdirSync(site, { recursive: true })
for (const name of readdirSync(pages)) {
  const text = readFileSync(`${pages}/${name}`, 'utf8')
  for (let copy = 0; copy < 200; copy++) {
    writeFileSync(`${site}/${name.replace('.txt', `-${copy}.html`)}`, highlight(toHtml(text)))
  }
}
