import { expect, test } from 'vitest'
import { matchDigest } from '../../../src/core/snapshot/match.js'
import { parseSnapshot } from '../../../src/core/snapshot/parse.js'
import { testSentence } from '../../../src/core/snapshot/sentence.js'
import type { HeapDigest, StoredBlock } from '../../../src/core/snapshot/types.js'
import { digest, site } from './digests.js'

function told(text: string, now: HeapDigest): string {
  const [block] = parseSnapshot(text, 'it') as [StoredBlock]
  const comparison = matchDigest(block, now, undefined)
  const error = testSentence(
    { key: 'it 1', digest: now, comparison, profile: undefined },
    { root: '/', cwd: '/' },
  )
  return error
}

// Samples are few where a test allocates little: what was stored of a megabyte may have been estimated as two.
test('a total that grew has its sites beside it, also when what is left over was estimated as much before', () => {
  const text = `node 22, x64, vitest 4
     0 B  heap
    1 MB  array buffers
    2 MB  elsewhere`
  const fill = site('fill', 'work.js', 1_900_000, { domain: 'arrayBuffer', line: 4, error: 600_000 })
  const now = digest([fill], { totals: { heap: 0, arrayBuffer: 2_000_000, native: undefined } })
  expect(told(text, now)).toMatchInlineSnapshot(`
    "the heap snapshot of this test

        snapshot   it 1
                   node 22, x64, vitest 4

                        stored    now
        heap               0 B    0 B
        array buffers     1 MB   2 MB   +100 %   grew; ±106 kB is allowed

        stored      now   grew
             -   1.9 MB          fill   work.js:4 (array buffer)

        If this is how it should be, update the snapshot: run again with -u."
  `)
})

test('and no others when a line of its own tells of the growth', () => {
  const text = `node 22, x64, vitest 4
     0 B  heap
    1 MB  array buffers
    1 MB  fill  work.js:4  (array buffer)
   30 kB  elsewhere`
  const fill = site('fill', 'work.js', 2_000_000, { domain: 'arrayBuffer', line: 4 })
  const other = site('copy', 'work.js', 20_000, { domain: 'arrayBuffer', line: 9 })
  const now = digest([fill, other], { totals: { heap: 0, arrayBuffer: 2_000_000, native: undefined } })
  expect(told(text, now)).not.toContain('copy')
  expect(told(text, now)).toMatch(/^ +1 MB +2 MB +\+100 % +fill +work\.js:4 \(array buffer\)$/m)
})
