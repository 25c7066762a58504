import { htmlDocument } from '../../text/document.js'
import { html, type Markup } from '../../text/markup.js'
import { headline, standings } from '../phrases.js'
import type { SuiteSummary } from '../summarize.js'
import type { KeptProfile } from './link.js'
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
  const body = html`<header>
<h1>Memory of the tests of <bdi>${project}</bdi></h1>
<p>${headline(summary)}</p>
<p class="soft">Written <time datetime="${time}">${time.slice(0, 16).replace('T', ' ')} UTC</time>. Commands are for the root of the project.</p>
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(({ id, title, heading = title, content }) => html`<section aria-labelledby="${id}">\n<h2 id="${id}">${heading}</h2>\n${content}</section>\n`)}</main>`
  return htmlDocument({ title: `Memory of the tests of ${project}`, style: STYLE, body })
}
