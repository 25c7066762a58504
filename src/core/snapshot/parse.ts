import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'
import { readAmount } from './amount.js'
import { readName, readPlace, splitCells } from './cells.js'
import { compareEnvironments, environmentLine, readEnvironmentLine } from './environment.js'
import { type Environment, type StoredBlock, type StoredLine, siteKey } from './types.js'
import { domainOf, REST_WORD, SITE_WORDS, TOTAL_WORDS } from './words.js'

const HEAD = "the line of an environment, such as 'node 22, x64, vitest 4'"
const LINE =
  "a size and what it is of, two spaces apart, such as '8.56 MB  heap', '4.9 MB ±25%  parse  src/feed.ts:12' or " +
  "'12 kB  elsewhere'"

/**
 * Reads the text of a snapshot, however it is indented: its blocks, in the order of their environments. `what` names it in
 * errors. Text without a line has no blocks.
 *
 * @throws HeapproofError `damaged-snapshot`: the number of the line, what was expected there, and what came.
 */
export function parseSnapshot(text: string, what: string): StoredBlock[] {
  const blocks: { environment: Environment; lines: StoredLine[]; known: Set<string> }[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '') continue
    const damaged = (expected: string) =>
      new HeapproofError(
        'damaged-snapshot',
        `${what}, line ${index + 1}: expected ${expected}, received ${show(line)}; repair the line, or delete the ` +
          'snapshot and have it written again',
      )
    if (/^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/.test(line)) throw damaged('no mark of an unresolved merge')
    const environment = readEnvironmentLine(line)
    if (environment !== undefined) {
      if (blocks.some((block) => compareEnvironments(block.environment, environment) === 0))
        throw damaged('each environment once')
      blocks.push({ environment, lines: [], known: new Set() })
      continue
    }
    const block = blocks.at(-1)
    if (block === undefined || line.startsWith('node ')) throw damaged(HEAD)
    const parsed = parseLine(raw.trimEnd(), index + 1)
    if (parsed === undefined) throw damaged(LINE)
    const key = keyOf(parsed)
    if (block.known.has(key)) throw damaged(`each place once below '${environmentLine(block.environment)}'`)
    block.known.add(key)
    block.lines.push(parsed)
  }
  return blocks
    .map(({ environment, lines }) => ({ environment, lines }))
    .sort((a, b) => compareEnvironments(a.environment, b.environment))
}

function parseLine(text: string, number: number): StoredLine | undefined {
  const [first, ...rest] = splitCells(text) ?? []
  // The allowance may stand in a cell of its own.
  const [size, ...cells] = /^(?:±|\+\/?-)/.test(rest[0] ?? '')
    ? [`${first} ${rest.shift()}`, ...rest]
    : [first, ...rest]
  const amount = size === undefined ? undefined : readAmount(size)
  const [name, place, word, ...more] = cells
  if (amount === undefined || name === undefined || more.length > 0) return undefined
  const common = { text, number, ...amount }
  if (place === undefined) {
    if (name === REST_WORD) return { kind: 'rest', ...common }
    const domain = domainOf(TOTAL_WORDS, name)
    return domain && { kind: 'total', domain, ...common }
  }
  const domain = word === undefined ? 'heap' : domainOf(SITE_WORDS, word)
  const [called, at] = [readName(name), readPlace(place)]
  if (domain === undefined || called === undefined || at === undefined) return undefined
  return { kind: 'site', function: called, ...at, domain, ...common }
}

function keyOf(line: StoredLine): string {
  if (line.kind === 'site') return siteKey(line)
  return line.kind === 'total' ? line.domain : ''
}
