import { createHash } from 'node:crypto'
import { headline, standings } from '../phrases.js'
import type { SuiteSummary } from '../summarize.js'
import type { KeptProfile } from './link.js'
import { html, Markup } from './markup.js'
import { limitsTable, linesTable, testsTable, unmeasuredList } from './sections.js'
import { STYLE } from './style.js'

/** What the page is made for. */
export interface PageSurroundings {
  /** What the project is called. */
  readonly project: string
  readonly now: Date
  readonly findProfile: (profile: string) => KeptProfile
}

interface Section {
  readonly id: string
  readonly title: string
  /** When it says more than the title. */
  readonly heading?: string
  readonly content: Markup
}

// Should a name ever get past the escaping, the browser still runs no script and asks nobody for anything.
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** The page of a run: one file, no script, nothing to load. */
export function page(summary: SuiteSummary, { project, now, findProfile }: PageSurroundings): string {
  const { limits, lines, unmeasured, measured } = summary
  const all: (Section & { readonly rows: number })[] = [
    {
      id: 'limits',
      title: 'Limits',
      heading: `Limits: ${standings(limits)}`,
      rows: limits.length,
      content: limitsTable(limits),
    },
    { id: 'tests', title: 'Tests', rows: measured.length, content: testsTable(summary, findProfile) },
    { id: 'lines', title: 'Lines', rows: lines.length, content: linesTable(summary) },
    { id: 'unmeasured', title: 'Not measured', rows: unmeasured.length, content: unmeasuredList(summary) },
  ]
  const sections = all.filter(({ rows }) => rows > 0)
  const time = now.toISOString()
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<title>Memory of the tests of ${project}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>Memory of the tests of <bdi>${project}</bdi></h1>
<p>${headline(summary)}</p>
<p class="soft">Written <time datetime="${time}">${time.slice(0, 16).replace('T', ' ')} UTC</time>. Commands are for the root of the project.</p>
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(({ id, title, heading = title, content }) => html`<section aria-labelledby="${id}">\n<h2 id="${id}">${heading}</h2>\n${content}</section>\n`)}</main>
</body>
</html>
`.text
}
