import { createHash } from 'node:crypto'
import { html, Markup } from './markup.js'

/** The parts of a page of ours. */
export interface DocumentParts {
  readonly title: string
  readonly style: string
  /** The only one that may run; none may without it. */
  readonly script?: string
  /** Everything between `<body>` and `</body>`, without the script. */
  readonly body: Markup
}

/** A page as text. Nothing in it comes from elsewhere, and nothing but its own style and script may work. */
export function htmlDocument({ title, style, script, body }: DocumentParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(style, script)}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${body}
${script === undefined ? '' : html`<script>${new Markup(script)}</script>\n`}</body>
</html>
`.text
}

// Should a name ever get past the escaping, the browser still runs nothing of it and asks nobody for anything.
function policy(style: string, script: string | undefined): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src ${hash(script)}`]),
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}
