import { html, type Markup } from '../../text/markup.js'

/** A column: `number` is narrow and to the right, `word` narrow, `wide` takes the rest, and a line of its own on phones. */
export interface Column {
  readonly name: string
  readonly kind: 'number' | 'word' | 'wide'
}

/** A table. On a narrow screen its rows break into pieces, and each number is told by the name of its column. */
export function table(columns: readonly Column[], rows: readonly (readonly Markup[])[]): Markup {
  const head = columns.map(({ name, kind }) => html`<th scope="col" class="${kind}">${name}</th>`)
  const body = rows.map((row) => {
    const cells = row.map((content, index) => {
      const { name, kind } = columns[index] as Column
      if (kind === 'wide' || name === '') return html`<td class="${kind}">${content}</td>`
      return html`<td class="${kind}" data-name="${name}">${content}</td>`
    })
    return html`<tr>${cells}</tr>\n`
  })
  return html`<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>
`
}

/** How much of the greatest value of its column a value is, drawn. */
export function bar(value: number, greatest: number): Markup {
  const width = greatest > 0 ? Math.round((100 * Math.max(0, value)) / greatest) : 0
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="1"/></svg>`
}
