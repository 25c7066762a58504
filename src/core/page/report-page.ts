import { basename } from 'node:path'
import type { DigestProgress } from '../digest/steps.js'
import { relativeTo } from '../expect/profiles.js'
import type { Reader } from '../reader.js'
import { html, type Markup } from '../text/markup.js'
import { printable } from '../text/printable.js'
import { pageScript } from './bundle.js'
import type { Totals } from './data/collect.js'
import { pageData } from './data/page-data.js'
import { shell } from './shell.js'
import { skeleton } from './skeleton.js'
import { facts, origin } from './summary.js'

export interface ReportPageSettings {
  readonly against: Reader | undefined
  readonly sourceRoot?: string | undefined
  readonly root?: string | undefined
  readonly title?: string | undefined
  readonly onProgress?: ((progress: DigestProgress) => void) | undefined
}

/** The page as text. */
export function reportPage(
  reader: Reader,
  { against, sourceRoot, root = process.cwd(), title, onProgress }: ReportPageSettings,
): string {
  const script = pageScript('page')
  const readers = against === undefined ? [reader] : [reader, against]
  const { text, totals } = pageData(readers, {
    sourceRoot,
    onProgress,
    nameOf: (file) => relativeTo(root, file),
  })
  const name = printable(title ?? basename(reader.fileBase))
  const heading =
    against === undefined
      ? html`Memory of <bdi>${name}</bdi>`
      : html`Memory of <bdi>${name}</bdi> against <bdi>${printable(basename(against.fileBase))}</bdi>`
  const header = html`<h1>${heading}</h1>
${against === undefined ? html`${origin(reader)}${facts(reader, totals[0] as Totals)}` : html`${profile(reader, totals[0] as Totals)}${profile(against, totals[1] as Totals)}`}`
  return shell({
    title: `Memory of ${name}`,
    header,
    body: skeleton(against !== undefined),
    data: text,
    script,
  })
}

function profile(reader: Reader, totals: Totals): Markup {
  return html`<details><summary><bdi>${printable(basename(reader.fileBase))}</bdi></summary>\n${origin(reader)}${facts(reader, totals)}</details>\n`
}
