import { join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'

const PROGRAM = join(root, 'benchmark/accuracy/exact.cjs')

/**
 * What `measure()` counted, against bytes that follow from V8's layout of objects; and Node 26's own counter of bytes, which
 * moves by one allocation buffer at a time.
 */
export function exactTable(nodes, run) {
  const results = nodes.map((node) => run(node, ['--no-warnings', PROGRAM, join(root, 'dist/index.cjs')]))
  const headings = ['work', 'in truth, bytes', ...results.map(({ version }) => `Node ${version}`)]
  const own = results.find(({ works }) => works.some((work) => work.own !== undefined))
  if (own !== undefined) headings.push(`its own counter, Node ${own.version}`)
  const rows = results[0].works.map((work, index) => [
    work.name,
    work.truth.toLocaleString('en'),
    ...results.map(({ works }) => difference(works[index].counted, work.truth)),
    ...(own === undefined ? [] : [difference(own.works[index].own, work.truth)]),
  ])
  return [headings, ...rows]
}

/** How far all readings lie from the truth: `0`, or from the least to the greatest, in bytes. */
function difference(values, truth) {
  if (values === undefined) return 'none'
  const off = values.map((value) => value - truth)
  const [least, most] = [Math.min(...off), Math.max(...off)]
  const text = (bytes) => (bytes > 0 ? `+${bytes.toLocaleString('en')}` : bytes.toLocaleString('en'))
  return least === most ? text(least) : `${text(least)} to ${text(most)}`
}
