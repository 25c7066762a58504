import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { DigestProgress } from '../digest/steps.js'
import { relativeTo } from '../expect/profiles.js'
import type { Reader } from '../reader.js'
import { html, Markup } from '../report/html/markup.js'
import { printable } from '../text/printable.js'
import { pageScript } from './bundle.js'
import type { Totals } from './data/collect.js'
import { pageData } from './data/page-data.js'
import { skeleton } from './skeleton.js'
import { STYLE } from './style.js'
import { facts, origin } from './summary.js'

export interface ReportPageSettings {
  readonly against: Reader | undefined
  readonly sourceRoot?: string | undefined
  readonly root?: string | undefined
  readonly title?: string | undefined
  readonly onProgress?: ((progress: DigestProgress) => void) | undefined
}

/** The page as text. Nothing in it comes from elsewhere, and nothing but its own script and style may run. */
export function reportPage(
  reader: Reader,
  { against, sourceRoot, root = process.cwd(), title, onProgress }: ReportPageSettings,
): string {
  const script = pageScript()
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
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="color-scheme" content="light dark">
<title>Memory of ${name}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${heading}</h1>
${against === undefined ? html`${origin(reader)}${facts(reader, totals[0] as Totals)}` : html`${profile(reader, totals[0] as Totals)}${profile(against, totals[1] as Totals)}`}</header>
${skeleton(against !== undefined)}
<script type="text/plain" id="data">${new Markup(text)}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`.text
}

function profile(reader: Reader, totals: Totals): Markup {
  return html`<details><summary><bdi>${printable(basename(reader.fileBase))}</bdi></summary>\n${origin(reader)}${facts(reader, totals)}</details>\n`
}

// Should a name ever get past the escaping, the browser still runs nothing of it and asks nobody for anything.
function policy(script: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(STYLE)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}
