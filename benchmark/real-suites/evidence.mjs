import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { filesBelow } from './runners.mjs'

/** What heapproof says about a run: how many tests it measured, how surely, and which lines allocated. */
export function evidenceOf(suite) {
  const file = join(suite.folder, '.heapproof/report.json')
  if (!existsSync(file))
    return { measured: 0, unmeasured: 0, exact: 0, allocated: 0, lines: [], reasons: new Map() }
  const { tests, lines, allocated } = JSON.parse(readFileSync(file, 'utf8'))
  const measured = tests.filter(({ record, state }) => record !== null && state !== 'skipped')
  const reasons = new Map()
  for (const { record } of measured) {
    if (record.certainty === 'exact') continue
    const reason = `${record.certainty}: ${record.reason}`
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  return {
    measured: measured.length,
    unmeasured: tests.filter(({ record, state }) => record === null && state !== 'skipped').length,
    exact: measured.filter(({ record }) => record.certainty === 'exact').length,
    allocated,
    lines,
    reasons,
  }
}

/** Sampled bytes of all profiles that a run kept, those of them with a line outside of Node, and profiles that cannot be read. */
export function sampledIn(suite, heapproof) {
  const { read, sites } = library(heapproof)
  const sums = { profiles: 0, bytes: 0, named: 0, unread: [] }
  for (const path of filesBelow(join(suite.folder, '.heapproof'), '.hpm')) {
    try {
      const profile = read(path.slice(0, -'.hpm'.length))
      for (const { file, line, self } of sites(profile).sites) {
        sums.bytes += self
        if (line > 0 && file !== '' && !file.startsWith('node:')) sums.named += self
      }
      profile.close()
      sums.profiles++
    } catch (error) {
      sums.unread.push(`${path}: ${error.message}`)
    }
  }
  return sums
}

/** Tests of which `heapproof compare` is sure that they allocated more, or less, in the second of two runs of the same code. */
export function changedBetween(first, second, heapproof) {
  const { tests, incomparable } = library(heapproof).compareRuns(first, second)
  const changed = tests.filter(({ changes }) => changes.some(({ atLeast }) => atLeast !== 0))
  return {
    compared: tests.length,
    incomparable: incomparable.length,
    changed: changed.map(({ file, name }) => `${file} > ${name}`),
  }
}

function library(heapproof) {
  return createRequire(join(heapproof, 'package.json'))('./dist/index.cjs')
}
