/** Functions that tests of a suite call: text of a test file. */
export const WORK = `
const parse = (n) => JSON.parse(JSON.stringify(Array.from({ length: n }, (_, i) => ({ i, s: 'x' + i, a: [i] }))))
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const sorted = (n) => Array.from({ length: n }, (_, i) => (i * 7919) % n).sort((a, b) => a - b)
const text = (n) => Array.from({ length: n }, (_, i) => 'w' + (i * i) % 997).join(' ')
const count = (t) => { const m = new Map(); for (const w of t.split(' ')) m.set(w, (m.get(w) ?? 0) + 1); return m }
const rows = (n, x) => Array.from({ length: n }, (_, i) => ({ a: [i, { b: x }] }))
`
