import type { Run, RunTest } from './run.js'

/** The same test in both runs. */
export interface Pair {
  readonly base: RunTest
  readonly head: RunTest
}

/** All tests of two runs, each in one of the lists. */
export interface Pairing {
  readonly pairs: readonly Pair[]
  /** Tests of the later run that the earlier one does not have. */
  readonly added: readonly RunTest[]
  readonly removed: readonly RunTest[]
  /** The same test, run in environments that have nothing in common. */
  readonly elsewhere: readonly Pair[]
}

/**
 * Finds each test of one run in the other: by its project, file and name in the same environment, else by a name that
 * only one test on each side still has, which is then a test whose file was moved.
 */
export function pair(base: Run, head: Run): Pairing {
  const pairs: Pair[] = []
  const left = new Map(base.tests)
  const right: RunTest[] = []
  for (const [id, test] of head.tests) {
    const partner = left.get(id)
    if (partner === undefined) right.push(test)
    else pairs.push({ base: partner, head: test })
    left.delete(id)
  }
  const elsewhere = matched(left, right, ({ key }) => key, Number.POSITIVE_INFINITY)
  const nameOf = ({ environment, test }: RunTest) => JSON.stringify([environment, test.project, test.name])
  const moved = matched(left, elsewhere.rest, nameOf, 1)
  const paired = new Set(pairs.map(({ head: { key } }) => key))
  // With several environments on one side a test is neither new nor gone when it was compared in another of them.
  const unknown = ({ key }: RunTest) => !paired.has(key)
  return {
    pairs: [...pairs, ...moved.pairs],
    added: moved.rest.filter(unknown),
    removed: [...left.values()].filter(unknown),
    elsewhere: elsewhere.pairs.filter(({ head: test }) => unknown(test)),
  }
}

/**
 * Pairs what has the same sign, when there are at most so many of it on each side; takes it out of `left`, and returns what
 * is left of `right`.
 */
function matched(
  left: Map<string, RunTest>,
  right: readonly RunTest[],
  signOf: (test: RunTest) => string,
  most: number,
): { pairs: Pair[]; rest: RunTest[] } {
  const bySign = new Map<string, { base: [string, RunTest][]; head: RunTest[] }>()
  const entry = (sign: string) => {
    const found = bySign.get(sign) ?? { base: [], head: [] }
    bySign.set(sign, found)
    return found
  }
  for (const each of left) entry(signOf(each[1])).base.push(each)
  for (const test of right) entry(signOf(test)).head.push(test)
  const pairs: Pair[] = []
  const taken = new Set<RunTest>()
  for (const { base, head } of bySign.values()) {
    const [one] = base
    const [test] = head
    if (one === undefined || test === undefined || Math.max(base.length, head.length) > most) continue
    pairs.push({ base: one[1], head: test })
    for (const [id] of base) left.delete(id)
    for (const each of head) taken.add(each)
  }
  return { pairs, rest: right.filter((test) => !taken.has(test)) }
}
