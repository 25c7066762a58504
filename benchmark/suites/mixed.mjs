import { WORK } from './work.mjs'

/** Tests in a file. */
export const EACH = 20

/** What the tests of the suite do: small things and large ones, at once and later, of every kind that V8 treats in its own way. */
const BODIES = [
  'expect(parse(n)).toHaveLength(n)',
  'await wait(1); expect(sorted(n * 40)[0]).toBe(0)',
  'expect(rows(n, 1)).toEqual(rows(n, 1))',
  'expect(() => { throw new Error(String(n)) }).toThrow(String(n))',
  'expect(count(text(n * 40)).size).toBeGreaterThan(5)',
  'expect(walk(n * 50)).toBeGreaterThan(0)',
  'expect(new Tree(n * 5).sum()).toBeGreaterThan(0)',
  'expect(await chain(n)).toBe(n)',
  "expect(text(n).replace(/w(\\d)/g, (_, digit) => '<' + digit + '>')).toContain('<')",
  'expect([...evens(n * 20)].map((value) => ({ value })).filter(({ value }) => value % 3 === 0).length).toBeGreaterThan(0)',
  "expect(Buffer.concat(rows(n, 'x').map((row) => Buffer.from(JSON.stringify(row)))).length).toBeGreaterThan(n)",
  'expect(new Set(parse(n).map(({ s }) => s.toUpperCase())).size).toBe(n)',
]

/** The code that they test; a module of its own in each test file, as it would be in a suite of a person. */
const MIXED_WORK = `${WORK}
const walk = (n) => { let at = { x: 0.5, y: 0.5 }; for (let i = 0; i < n; i++) at = { x: at.x * 0.999 + 0.1, y: at.y + at.x }; return at.y }
class Tree {
  constructor(n) { this.value = n; this.left = n > 1 ? new Tree(n >> 1) : undefined; this.right = n > 2 ? new Tree(n >> 1) : undefined }
  sum() { return this.value + (this.left?.sum() ?? 0) + (this.right?.sum() ?? 0) }
}
const chain = async (n) => { let sum = 0; for (let i = 0; i < n; i++) sum += await i - i + 1; return sum }
function* evens(n) { for (let i = 0; i < n; i++) if (i % 2 === 0) yield i }
`

/** A suite of mixed tests, each limited to what `limits.json` says of it; texts by path. */
export function mixed(files) {
  const tests = (file) => Array.from({ length: EACH }, (_, i) => test(EACH * file + i))
  return Object.fromEntries(
    Array.from({ length: files }, (_, file) => [
      `${file}.test.js`,
      `${MIXED_WORK}\n${tests(file).join('\n')}\n`,
    ]),
  )
}

function test(number) {
  const n = 20 + ((number * 37) % 400)
  return `test('${number}', async () => { const n = ${n}; heapLimit({ allocated: limits[${number}] }); ${BODIES[number % BODIES.length]} })`
}
