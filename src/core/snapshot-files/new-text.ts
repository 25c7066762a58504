import { HeapproofError } from '../errors.js'
import { allowedText } from '../snapshot/amount.js'
import { renderBlocks, withBlock } from '../snapshot/apply.js'
import { compareEnvironments } from '../snapshot/environment.js'
import { parseSnapshot } from '../snapshot/parse.js'
import type { Allowed, StoredBlock, StoredLine } from '../snapshot/types.js'
import { siteKey } from '../snapshot/types.js'

/**
 * The text of a snapshot with a measured block in it, in place of that of the same environment, or beside the others. What
 * somebody has allowed by hand since the run stays, and a line that it covers does not change.
 *
 * @param stored the text in the working tree; undefined when there is none
 * @throws HeapproofError `damaged-snapshot`.
 */
export function newText(stored: string | undefined, block: string, what: string): string {
  const [measured, ...more] = parseSnapshot(block, `${what}: what was measured`)
  if (measured === undefined || more.length > 0) {
    throw new HeapproofError('damaged-snapshot', `${what}: expected what was measured in one environment`)
  }
  const blocks = parseSnapshot(stored ?? '', what)
  const own = blocks.find(({ environment }) => compareEnvironments(environment, measured.environment) === 0)
  return renderBlocks(withBlock(blocks, own === undefined ? measured : carried(measured, own)))
}

function carried(measured: StoredBlock, own: StoredBlock): StoredBlock {
  const before = new Map(own.lines.map((line) => [keyOf(line), line]))
  return {
    environment: measured.environment,
    lines: measured.lines.map((line) => {
      const stored = before.get(keyOf(line))
      return stored?.allowed === undefined ? line : allowing(line, stored)
    }),
  }
}

function allowing(line: StoredLine, stored: StoredLine): StoredLine {
  const allowed = stored.allowed as Allowed
  const room = 'bytes' in allowed ? allowed.bytes : allowed.relative * stored.bytes
  if (Math.abs(line.bytes - stored.bytes) <= room) return stored
  // Behind the size, which is the first cell; what the run had there gives way.
  const text = line.text.replace(/^(\s*\S+ \S+?)(?: ±.*?)?(?=\s{2})/, `$1${allowedText(allowed)}`)
  return { ...line, allowed, text }
}

function keyOf(line: StoredLine): string {
  if (line.kind === 'site') return siteKey(line)
  return line.kind === 'total' ? `total ${line.domain}` : 'rest'
}
