import { STYLE as COMMON } from '../report/html/style.js'

/** What the page has besides the look of the page of a run. Colours of boxes are in `browser/colours.ts`. */
export const STYLE = `${COMMON}
:root {
  --heap: #3b73c5; --arrayBuffer: #c9742b; --native: #4b8f4b; --mark: #b3261e;
  --user: #f0b35f; --dependency: #7fb6c9; --inner: #c9cfd6; --grew: #d9533f; --shrank: #4a7fc1; --found: #8e3fb5;
  --on-box: #14171a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --heap: #6c9fe8; --arrayBuffer: #e09a58; --native: #77b877; --mark: #ff8a80;
    --user: #8a5f24; --dependency: #2f6679; --inner: #4a525c; --grew: #ac4232; --shrank: #3a669f; --found: #d59bf0;
    --on-box: #fff;
  }
}
[hidden] { display: none !important; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem 1.5rem; margin: 1rem 0 0; }
.facts dt { color: var(--soft); font-size: .85rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts b { font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.facts .soft { font-size: .85rem; }
.notices { margin: .75rem 0 0; padding: .5rem .75rem .5rem 2rem; background: var(--tint); }
.notice { padding: .5rem .75rem; background: var(--tint); }
button, select, input[type=search] {
  font: inherit; font-size: .9rem; color: var(--ink); background: var(--paper);
  border: 1px solid var(--rule); border-radius: 4px; padding: .25rem .6rem; min-height: 2rem;
}
button { cursor: pointer; }
button:hover:not(:disabled) { background: var(--tint); }
button:disabled { color: var(--soft); cursor: default; }
:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
.buttons { display: flex; flex-wrap: wrap; gap: .4rem; }
.bar-row { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .5rem 1.5rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; color: var(--soft); font-size: .85rem; }
.legend span::before { content: ''; display: inline-block; width: .8em; height: .8em; margin-right: .4em; background: var(--swatch); vertical-align: -.05em; }
.legend .line::before { height: 2px; vertical-align: .25em; }
.legend .dashes::before { height: 0; border-top: 2px dashed var(--swatch); background: none; vertical-align: .25em; width: 1.4em; }
.legend .tick::before { width: 2px; }
.hint { font-size: .85rem; }
.plot { position: relative; height: 220px; margin-top: .5rem; touch-action: pan-y; user-select: none; }
.plot svg { display: block; width: 100%; height: 100%; overflow: visible; }
.plot text { fill: var(--soft); font: .75rem system-ui, sans-serif; }
.plot .grid { stroke: var(--rule); }
.plot .high { fill: none; stroke: var(--soft); }
.plot .other { fill: none; stroke: var(--ink); stroke-dasharray: 4 3; }
.plot .minor { stroke: var(--soft); opacity: .55; }
.plot .major { stroke: var(--mark); }
.plot .outside { fill: var(--paper); opacity: .72; }
.plot .edge { stroke: var(--ink); }
.plot .cross { stroke: var(--soft); stroke-dasharray: 2 2; }
.thumb { position: absolute; top: 0; width: 24px; margin-left: -12px; cursor: ew-resize; touch-action: none; }
.thumb::after {
  content: ''; position: absolute; left: 7px; top: 50%; width: 10px; height: 32px; margin-top: -16px;
  background: var(--paper); border: 2px solid var(--ink); border-radius: 4px;
}
.thumb:focus-visible { outline-offset: -4px; }
.tip {
  position: absolute; z-index: 2; max-width: min(24rem, 80vw); padding: .35rem .6rem; pointer-events: none;
  background: var(--paper); border: 1px solid var(--rule); border-radius: 4px; box-shadow: 0 2px 8px #0003;
  font-size: .85rem; overflow-wrap: anywhere;
}
.tip p { margin: 0; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; margin: .5rem 0; font-size: .9rem; }
.controls .search { flex: 1 1 14rem; display: flex; align-items: center; gap: .5rem; }
.controls .search input { flex: 1; min-width: 0; }
fieldset { display: flex; flex-wrap: wrap; margin: 0; padding: 0; border: 0; min-width: 0; }
fieldset label span { display: block; padding: .25rem .7rem; border: 1px solid var(--rule); margin-right: -1px; cursor: pointer; }
fieldset label:first-of-type span { border-radius: 4px 0 0 4px; }
fieldset label:last-of-type span { border-radius: 0 4px 4px 0; }
fieldset input { position: absolute; opacity: 0; }
fieldset input:checked + span { background: var(--bar); border-color: var(--bar); color: var(--paper); }
fieldset input:focus-visible + span { outline: 2px solid var(--bar); outline-offset: 2px; }
.answer { min-height: 1.5em; margin: .75rem 0; }
.answer b { font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.tabs { display: flex; flex-wrap: wrap; gap: 0 .25rem; border-bottom: 1px solid var(--rule); }
.tabs button { border: 0; border-bottom: 3px solid transparent; border-radius: 0; background: none; padding: .4rem .8rem; }
.tabs button[aria-selected=true] { border-bottom-color: var(--bar); font-weight: 600; }
.flame { position: relative; }
.flame .scroll { max-height: 75vh; overflow: auto; }
.flame canvas { display: block; width: 100%; cursor: pointer; }
.flame .scroll:focus-visible { outline-offset: 0; }
.chosen { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; min-height: 2.5rem; padding: .25rem 0; font-size: .9rem; }
.chosen bdi { overflow-wrap: anywhere; }
td button.name, td button.link { padding: 0; min-height: 0; border: 0; background: none; color: var(--bar); text-align: left; overflow-wrap: anywhere; }
th button { padding: 0; min-height: 0; border: 0; background: none; font-weight: 600; color: inherit; white-space: nowrap; }
th[aria-sort] button { color: var(--ink); }
.grew { color: var(--grew); }
.shrank { color: var(--shrank); }
.source { display: block; font: .875em/1.5 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.share { position: relative; }
h3 { margin: 1rem 0 0; font-size: 1.1rem; }
h4 { margin: 1rem 0 .25rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem; }
.flow { max-height: 80vh; overflow: auto; border: 1px solid var(--rule); margin-top: .5rem; }
.flow svg { display: block; margin: auto; }
.flow text { fill: var(--on-box); font: 12px system-ui, sans-serif; }
.flow .shared text { fill: #14171a; }
.flow .between { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; font-size: 11px; }
.flow path { fill: none; stroke: var(--soft); }
.flow marker path { fill: var(--soft); stroke: none; }
.flow a { cursor: pointer; }
.flow a:focus-visible rect { stroke: var(--bar); stroke-width: 3; }
@media (max-width: 640px) {
  .plot { height: 180px; }
  h3 { margin: 1rem 0 0; font-size: 1.1rem; }
h4 { margin: 1rem 0 .25rem; }
.pair { grid-template-columns: 1fr; }
  .facts { grid-template-columns: 1fr 1fr; }
  .tabs button { padding: .4rem .45rem; }
  #measure { font-size: .85rem; }
  fieldset label span { padding: .25rem .4rem; }
  #view-lines thead { position: static; width: auto; height: auto; clip-path: none; }
  #view-lines thead th { width: auto; padding: 0; border: 0; }
  #view-lines thead th:not(:has(button)) { display: none; }
}
`
