/** The look of the page. No colour is the only sign of anything. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1d2126; --soft: #5b6470; --rule: #d8dde3; --tint: #f3f5f7; --bar: #3b73c5; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e4e7eb; --soft: #9aa4b0; --rule: #343b44; --tint: #1e2329; --bar: #6c9fe8; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(.75rem, 3vw, 2.5rem) 4rem; max-width: 90rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.4rem; line-height: 1.3; }
h2 { margin: 2.25rem 0 .5rem; font-size: 1.1rem; }
p { margin: .35rem 0; }
.soft { color: var(--soft); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0 0; padding: 0; list-style: none; }
a { color: var(--bar); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; border-radius: 2px; }
table { width: 100%; border-collapse: collapse; }
th { color: var(--soft); font-size: .85rem; font-weight: 600; text-align: left; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.number { width: 1%; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.word { width: 1%; white-space: nowrap; }
.bad { color: var(--bad); font-weight: 600; }
.bar { display: block; width: 5rem; height: .4rem; margin: .2rem 0 0 auto; background: var(--tint); }
.bar rect { fill: var(--bar); }
code, .place { font: .875em/1.5 ui-monospace, Menlo, Consolas, monospace; }
bdi, code, .place { overflow-wrap: anywhere; }
.place { color: var(--soft); }
summary { cursor: pointer; }
details > div { margin: .35rem 0 .5rem; padding: .5rem .75rem; background: var(--tint); }
details table { font-size: .9rem; }
details tr:last-child td { border-bottom: 0; }
@media (max-width: 640px) {
  h1 { font-size: 1.2rem; }
  .bar { display: none; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .4rem 0; border-bottom: 1px solid var(--rule); }
  td, td.number, td.word { width: auto; padding: 0; border: 0; text-align: left; }
  td[data-name]::before { content: attr(data-name) ' '; color: var(--soft); font-size: .85rem; }
  td:empty { display: none; }
  td.wide { flex: 1 0 100%; }
  details tr:last-child { border-bottom: 0; }
}
@media print { body { max-width: none; } }
`
