import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { folderWith, LIBRARY, node } from '../support/command-line.js'
import { allocatingAddon } from './build-fixture.js'

const binary = join(packageRoot(), 'build/Release/heapproof.node')
const program = join(packageRoot(), 'test/native/fixtures/frees.cjs')
const { addon, locking } = allocatingAddon()

// A free is on any thread and inside any lock of the program: it must cost next to nothing where nobody waits for it.
test
  .runIf(process.platform === 'linux')
  .each(['counters', 'recording', 'heap', 'snapshot', 'peak', 'stats', 'native'])(
  'nothing is locked for a block that is freed and was not sampled: %s',
  (way) => {
    const args = ['--expose-gc', program, LIBRARY, binary, addon, way]
    const { code, stdout } = node(args, { cwd: folderWith(), env: { LD_PRELOAD: locking } })
    expect(code).toBe(0)
    const { frees, locks } = JSON.parse(stdout)
    expect(frees).toBeGreaterThan(19_000)
    expect(locks).toBeGreaterThanOrEqual(0)
    // Some hundred samples take locks, and so does each collection.
    expect(locks).toBeLessThan(frees / 5)
  },
)
