import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'

const FIXTURES = join(root, 'test/native/fixtures')
const KINDS = join(FIXTURES, 'kinds.cjs')
const STATES = ['cold', 'warm', 'hot']

/**
 * For each kind of allocation, the share of sampled bytes that is charged to exactly the line it stands on: in the
 * interpreter, compiled by V8's quick compilers, and optimised and inlined. What is missing is what V8 makes for itself
 * meanwhile, feedback and code, charged to whoever runs.
 */
export function linesTable(nodes, run) {
  const kinds = marked()
  const results = nodes.map((node) => STATES.map((state) => recorded(node, state, kinds, run)))
  const headings = ['kind', ...nodes.map((_, index) => `Node ${results[index][0].version}`)]
  const rows = [...kinds.keys()].map((kind) => [
    kind,
    ...results.map((states) => states.map(({ shares }) => shares[kind]).join(' / ')),
  ])
  return [headings, ...rows]
}

function recorded(node, state, kinds, run) {
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-accuracy-'))
  try {
    const program = join(root, 'benchmark/accuracy/lines.cjs')
    const args = [join(root, 'dist/index.cjs'), folder, join(FIXTURES, 'record-kinds.cjs'), KINDS, state]
    return run(node, [program, ...args, JSON.stringify([...kinds])])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The line of each kind, from the marks in the fixture. */
function marked() {
  const lines = new Map()
  for (const [index, text] of readFileSync(KINDS, 'utf8').split('\n').entries()) {
    const kind = / \/\/ @(\w+)$/.exec(text)?.[1]
    if (kind !== undefined) lines.set(kind, index + 1)
  }
  return lines
}
