import { HeapproofError } from '../errors.js'
import { compareEnvironments } from './environment.js'
import { parseSnapshot } from './parse.js'
import { renderBlock } from './render.js'
import type { StoredBlock } from './types.js'

/**
 * The text of a snapshot with a block put in: in place of that of the same environment, or as a new one. The other blocks
 * stay as they are. So what was measured elsewhere, and stands in a log, becomes part of a snapshot without a test being
 * run.
 *
 * @param stored the snapshot; undefined when there is none yet
 * @param what names it in errors
 * @throws HeapproofError `damaged-snapshot` for text that is none, and for more or less than one block.
 */
export function applyBlock(stored: string | undefined, block: string, what: string): string {
  const [own, ...more] = parseSnapshot(block, `${what}: what was measured`)
  if (own === undefined || more.length > 0) {
    throw new HeapproofError('damaged-snapshot', `${what}: expected what was measured in one environment`)
  }
  return renderBlocks(withBlock(parseSnapshot(stored ?? '', what), own))
}

/** The blocks with one more, or with another one of its environment. */
export function withBlock(blocks: readonly StoredBlock[], own: StoredBlock): StoredBlock[] {
  const others = blocks.filter(({ environment }) => compareEnvironments(environment, own.environment) !== 0)
  return [...others, own].sort((a, b) => compareEnvironments(a.environment, b.environment))
}

/** The text of a snapshot. */
export function renderBlocks(blocks: readonly StoredBlock[]): string {
  return blocks
    .map(({ environment, lines }) =>
      renderBlock(
        environment,
        lines.map(({ text }) => text),
      ),
    )
    .join('\n\n')
}
