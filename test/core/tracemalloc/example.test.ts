import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { folderWith } from '../../support/command-line.js'
import { texts } from './snapshots.js'

const PAGE = readFileSync(new URL('../../../docs/tracemalloc.md', import.meta.url), 'utf8')
const JSON_TEXT = /^```\n(\{\n"heapproof".*?)^```/ms.exec(PAGE)?.[1] as string

test('the dump of the documentation reads as it says, and is what is written', () => {
  const path = join(folderWith(), 'example.json')
  writeFileSync(path, JSON_TEXT)
  const snapshot = Snapshot.load(path)
  expect(snapshot.attributes).toEqual({ commit: '1f3a' })
  expect(snapshot).toMatchObject({ time: 12.5, samplingInterval: 1024, tracebackLimit: 128, total: 9340 })
  expect(snapshot.traces[0]?.trace).toEqual({
    index: 7,
    domain: 'heap',
    truncated: false,
    frames: [
      { function: 'set', file: '/app/src/cache.ts', line: 14, column: 22, approximate: false },
      { function: 'main', file: '/app/src/main.ts', line: 4, column: 1, approximate: false },
    ],
  })
  const printed = texts(snapshot.statistics('lineno'))
  expect(PAGE).toContain(`That snapshot prints as\n\n    ${printed.join('\n    ')}\n`)
  snapshot.dump(path)
  expect(readFileSync(path, 'utf8')).toBe(JSON_TEXT)
})
