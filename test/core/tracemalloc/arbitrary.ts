import fc from 'fast-check'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { DOMAINS, type Frame } from '../../../src/core/types.js'

const names = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('', 'a', 'b', 'src/a.ts', 'src/b.ts', 'node:fs', '__proto__', 'toString'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
)

const frames: fc.Arbitrary<Frame> = fc.record({
  function: names,
  file: names,
  line: fc.oneof(fc.nat(3), fc.nat()),
  column: fc.nat(2),
  // Part of no equality: a traceback is the same with it and without.
  approximate: fc.constant(false),
})

/** Sums of a thousand of these are exact. */
const sixteenths = fc.integer({ min: 0, max: 2 ** 39 }).map((count) => count / 16)

/** Some traces on few places, so that they have something in common, with names of any Unicode. */
export const snapshots: fc.Arbitrary<Snapshot> = snapshotsWith(sixteenths)

/** The same, with other estimates. */
export function snapshotsWith(positive: fc.Arbitrary<number>): fc.Arbitrary<Snapshot> {
  return fc
    .array(frames, { minLength: 1, maxLength: 8 })
    .chain((places) =>
      fc.record({
        traces: fc.array(
          fc.record({
            trace: fc.record({
              index: fc.nat(),
              domain: fc.constantFrom(...DOMAINS),
              frames: fc.array(fc.constantFrom(...places), { maxLength: 6 }),
              truncated: fc.boolean(),
            }),
            bytes: positive,
            allocations: positive,
            samples: fc.nat(),
          }),
          { maxLength: 12 },
        ),
        time: fc.double({ noNaN: true, noDefaultInfinity: true }),
        sampling: fc.oneof(
          fc.record({ interval: fc.nat() }),
          fc.record({ table: fc.array(fc.tuple(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }))) }),
        ),
        tracebackLimit: fc.nat(1024),
        attributes: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
      }),
    )
    .map((content) => new Snapshot(content))
}
