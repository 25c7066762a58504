import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed } from '../../support/prepared.js'

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '../../..')

/** The Vitest under test: the installed one, or another version in `HEAPPROOF_VITEST`. */
export const vitest: string = process.env.HEAPPROOF_VITEST ?? join(repository, 'node_modules/vitest')

/** Folders of all versions that are promised: the oldest, the installed one, the newest. */
export const vitests = {
  '3.2': () => join(installed(join(here, 'tools/vitest-3')), 'vitest'),
  '4.1': () => join(repository, 'node_modules/vitest'),
  '5.1': () =>
    process.env.HEAPPROOF_VITEST ?? join(installed(join(repository, 'test/matrix/vitest-5')), 'vitest'),
} as const

/** Those that run on this Node: Vitest 5 needs 22. */
export const runnable: readonly (readonly [string, () => string])[] = Object.entries(vitests).filter(
  ([version]) => version !== '5.1' || Number.parseInt(process.versions.node, 10) >= 22,
)
