import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'

const PROGRAM = join(root, 'benchmark/accuracy/sampled.cjs')

/**
 * The estimated bytes of recordings whose truth is known: how far the mean of all of them is off, and their deviation as a
 * ratio to theory's, which is the square root of the sum of size² (1 - p) / p over all allocations (docs/sampling.md).
 */
export function sampledTable(nodes, run) {
  const results = nodes.map((node) => {
    const folder = mkdtempSync(join(tmpdir(), 'heapproof-accuracy-'))
    try {
      return run(node, [PROGRAM, join(root, 'dist/index.cjs'), folder])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
  const headings = ['allocations', 'expected deviation']
  for (const { version } of results) headings.push(`Node ${version}: mean`, 'deviation to theory')
  const rows = results[0].plans.map((plan, index) => [
    plan.name,
    percent(plan.deviation),
    ...results.flatMap(({ plans }) => evaluated(plans[index])),
  ])
  return [headings, ...rows]
}

/** The mean's relative error and the spread's ratio to theory. */
function evaluated({ truth, deviation, estimates }) {
  const mean = estimates.reduce((sum, value) => sum + value, 0) / estimates.length
  const squares = estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (estimates.length - 1)
  return [signedPercent(mean / truth - 1), (Math.sqrt(squares) / truth / deviation).toFixed(2)]
}

const percent = (part) => `${(100 * part).toFixed(2)} %`
const signedPercent = (part) => `${part < 0 ? '-' : '+'}${percent(Math.abs(part))}`
