/** The look of a plot, in light and dark. Lines are told apart by their dashes as well. */
export const STYLE = `
svg { --paper: #fff; --ink: #1d2126; --soft: #5b6470; --rule: #d8dde3; --total: #3b73c5; --major: #b3261e;
  --c0: #0b62a8; --c1: #c4500a; --c2: #0c7a55; --c3: #a8387c; --c4: #7a5c00; --c5: #5a4fcf;
  font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; background: var(--paper); }
@media (prefers-color-scheme: dark) {
  svg { --paper: #15181c; --ink: #e4e7eb; --soft: #9aa4b0; --rule: #343b44; --total: #6c9fe8; --major: #ff8a80;
    --c0: #62b0f0; --c1: #ff9d5c; --c2: #4fc79a; --c3: #f08cc4; --c4: #d9b53f; --c5: #a9a2ff; }
}
.paper { fill: var(--paper); }
text { fill: var(--ink); }
.tick, .note { fill: var(--soft); }
.title { font-weight: 600; font-size: 13px; }
.rule { stroke: var(--rule); stroke-width: 1; }
.axis { stroke: var(--soft); stroke-width: 1; }
.total { fill: none; stroke: var(--total); stroke-width: 2; stroke-linejoin: round; }
.area { fill: var(--total); opacity: .18; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.minor { stroke: var(--soft); stroke-width: 1; opacity: .6; }
.major { stroke: var(--major); stroke-width: 1.5; }
`
export const COLORS = 6

/** By how often the colours have been used up. */
export const DASHES = ['', '6 3', '2 3', '8 3 2 3'] as const
