import { html, type Markup } from '../text/markup.js'

interface Choice {
  readonly id: string
  readonly name: string
  /** Said when a pointer rests on it. */
  readonly hint: string
}

const MEASURES: readonly Choice[] = [
  { id: 'allocated', name: 'Allocated', hint: 'All that was allocated in the span' },
  { id: 'temporary', name: 'Temporary', hint: 'What was allocated in the span, and freed in it' },
  { id: 'retained', name: 'Retained', hint: 'What was allocated in the span, and is live at its end' },
  { id: 'live', name: 'Live', hint: 'What is live at the end of the span, whenever it was allocated' },
]
const CHANGE: Choice = {
  id: 'change',
  name: 'Change',
  hint: 'What is live at the end of the span, less what is live at its start',
}

const VIEWS = [
  { id: 'flame', name: 'Flame graph' },
  { id: 'lines', name: 'Lines' },
  { id: 'flow', name: 'Flow graph' },
  { id: 'line', name: 'One line' },
] as const

const button = (id: string, name: string) => html`<button type="button" id="${id}">${name}</button>\n`

const NO_SCRIPT = html`<noscript><p class="notice">The pictures and tables of this page need JavaScript. <code>npx heapproof top</code> prints the lines.</p></noscript>
<p id="problem" class="notice" role="alert" hidden></p>`

const SEARCH = html`<label class="search">Search <input type="search" id="search" placeholder="function or file" autocomplete="off" spellcheck="false"></label>
<label><input type="checkbox" id="inner"> Frames of Node and of test runners</label>`

const FLAME = html`<div class="controls">
<label><input type="checkbox" id="inverted"> Inverted: the lines that allocate first</label>
<button type="button" id="flame-out">Whole graph</button>
<div id="kinds" class="legend"></div>
</div>
<div id="flame"></div>`

/** The same of a page with a flame graph alone. */
export const FLAME_SKELETON: Markup = html`${NO_SCRIPT}
<main id="app" hidden>
<div class="controls">
${SEARCH}
</div>
${FLAME}
<section id="line" aria-label="One line" hidden></section>
</main>
`

/** What the script fills and listens to. Nothing in it depends on the profile. */
export function skeleton(compared: boolean): Markup {
  const measures = compared ? MEASURES : [...MEASURES, CHANGE]
  return html`${NO_SCRIPT}
<main id="app" hidden>
<section aria-labelledby="time-title">
<h2 id="time-title">Live bytes over time</h2>
<div class="bar-row">
<div id="legend" class="legend"></div>
<div class="buttons">
${button('whole', 'Whole recording')}${button('peak', 'Peak')}${button('zoom', 'Zoom to the span')}${button('unzoom', 'Zoom out')}</div>
</div>
<div id="plot" class="plot"></div>
<p class="soft hint">Drag over the plot to choose a span, or move its two edges, also with the arrow keys. A click shows what was live at that time.</p>
</section>
<section aria-labelledby="what-title">
<h2 id="what-title">Where it was allocated</h2>
<div class="controls">
<fieldset id="measure"><legend class="hidden">Which bytes</legend>
${measures.map(({ id, name, hint }) => html`<label title="${hint}"><input type="radio" name="measure" value="${id}"><span>${name}</span></label>\n`)}</fieldset>
<label>Memory <select id="domain"></select></label>
${SEARCH}
</div>
<p id="answer" class="answer" aria-live="polite"></p>
<div role="tablist" aria-label="Views" class="tabs">
${VIEWS.map(({ id, name }) => html`<button type="button" role="tab" id="tab-${id}" aria-controls="view-${id}" aria-selected="false" tabindex="-1">${name}</button>\n`)}</div>
<div role="tabpanel" id="view-flame" aria-labelledby="tab-flame" hidden>
${FLAME}
</div>
<div role="tabpanel" id="view-lines" aria-labelledby="tab-lines" hidden></div>
<div role="tabpanel" id="view-flow" aria-labelledby="tab-flow" hidden></div>
<div role="tabpanel" id="view-line" aria-labelledby="tab-line" hidden></div>
</section>
</main>
`
}
