import { htmlDocument } from '../text/document.js'
import { html, Markup } from '../text/markup.js'
import { STYLE } from './style.js'

/** What pages differ in. */
export interface PageParts {
  readonly title: string
  readonly header: Markup
  /** What the script fills. */
  readonly body: Markup
  /** As `data/pack.ts` makes it. */
  readonly data: string
  readonly script: string
}

/** A page as text: {@link htmlDocument} with a header and data. */
export function shell({ title, header, body, data, script }: PageParts): string {
  const content = html`<header>
${header}</header>
${body}
<script type="text/plain" id="data">${new Markup(data)}</script>`
  return htmlDocument({ title, style: STYLE, script, body: content })
}
