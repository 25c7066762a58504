import { isReproducible } from './reproducible.js'
import type { Environment } from './types.js'

/**
 * The environment of this process.
 *
 * @param runner name and major version
 * @param coverage whether the code under test is instrumented
 */
export function environmentOf(runner: string, coverage: boolean): Environment {
  const node = Number.parseInt(process.versions.node, 10)
  return { node, arch: process.arch, runner, coverage, reproducible: isReproducible() }
}

/** The first line of a block: `node 22, x64, vitest 4`. Two environments are the same exactly when their lines are. */
export function environmentLine({ node, arch, runner, coverage, reproducible }: Environment): string {
  const marks = [coverage && 'coverage', reproducible && 'reproducible'].filter((mark) => mark !== false)
  return [`node ${node}`, arch, runner, ...marks].join(', ')
}

const LINE = /^node (\d{1,4}), ([a-z0-9_]+), ([a-z]+(?: \d{1,4})?)(, coverage)?(, reproducible)?$/

/** Reads such a line; undefined when it is none. */
export function readEnvironmentLine(line: string): Environment | undefined {
  const [, node, arch, runner, coverage, reproducible] = LINE.exec(line) ?? []
  if (node === undefined || arch === undefined || runner === undefined) return undefined
  return {
    node: Number(node),
    arch,
    runner,
    coverage: coverage !== undefined,
    reproducible: reproducible !== undefined,
  }
}

/** The order of blocks in a snapshot: by version of Node, then by the rest of the line. */
export function compareEnvironments(a: Environment, b: Environment): number {
  const [left, right] = [environmentLine(a), environmentLine(b)]
  return a.node - b.node || (left < right ? -1 : left > right ? 1 : 0)
}
