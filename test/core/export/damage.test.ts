import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeapproofError } from '../../../src/core/errors.js'
import { EXPORT_FORMATS } from '../../../src/core/export/export-profile.js'
import { flameDiffCollapsed } from '../../../src/core/flamegraph/collapsed.js'
import { diffFlameGraphs } from '../../../src/core/flamegraph/diff.js'
import { flameGraph } from '../../../src/core/flamegraph/flame-graph.js'
import { flameSpeedscope } from '../../../src/core/flamegraph/speedscope.js'
import { flowGraph, flowGraphDot } from '../../../src/core/flowgraph/draw.js'
import { encodeBlock, PROLOGUE_LENGTH } from '../../../src/core/format/block.js'
import { mergeProfiles } from '../../../src/core/merge/merge-profiles.js'
import { read } from '../../../src/core/reader.js'
import { timePlotSvg } from '../../../src/core/timeplot/svg.js'
import { folderWith } from '../../support/command-line.js'
import { writeLog } from '../../support/log-builder.js'
import { exactLog, exported } from './support.js'

/** A block's length and checksum. */
const BLOCK_HEADER = 8

/** A file of one block, with some bytes of the payload replaced and the checksum made right. */
function changed(file: Buffer, changes: readonly (readonly [at: number, byte: number])[]): Buffer {
  const start = PROLOGUE_LENGTH + BLOCK_HEADER
  const payload = Buffer.from(file.subarray(start))
  for (const [at, byte] of changes) payload[at % payload.length] = byte
  return Buffer.concat([file.subarray(0, PROLOGUE_LENGTH), encodeBlock(payload)])
}

const changes = fc.array(fc.tuple(fc.nat({ max: 5000 }), fc.nat({ max: 255 })), {
  minLength: 1,
  maxLength: 4,
})

test('whatever the bytes are, it ends in an export, a picture or a HeapproofError', async () => {
  const log = exactLog()
  for (const name of ['a', 'b', 'c']) {
    const trace = log.trace([
      { function: name, line: 300 },
      { function: 'main', url: 'file:///app/%2e%2e/x.js' },
    ])
    log.events
      .alloc(10, trace, 4096)
      .free(500, trace, 4096, 490)
      .alloc(700, trace, 2 ** 40)
  }
  log.mapped(1, { line: 1, column: 1, file: '/app/x.ts', name: '' })
  log.events.scale(800, 3).alloc(800, 1, 24).thread(900, 1).alloc(900, 2, 8).end(1000)
  const [hpm, hpd] = [log.hpm(), log.hpd()]
  const folder = folderWith()
  const intact = writeLog(join(folder, 'intact'), hpm, hpd)
  const outcomes = { done: 0, refused: 0 }
  const attempt = async (act: () => Promise<unknown>) => {
    try {
      await act()
      outcomes.done++
    } catch (error) {
      if (!(error instanceof HeapproofError)) throw error
      outcomes.refused++
    }
  }
  await fc.assert(
    fc.asyncProperty(changes, fc.boolean(), async (list, isMetadata) => {
      const base = writeLog(
        join(folder, 'log'),
        isMetadata ? changed(hpm, list) : hpm,
        isMetadata ? hpd : changed(hpd, list),
      )
      await attempt(async () => {
        using reader = read(base)
        for (const format of EXPORT_FORMATS) {
          await attempt(async () => {
            const bytes = await exported(reader, format, { at: 'peak' })
            if (format !== 'collapsed' && format !== 'pprof') JSON.parse(bytes.toString())
          })
        }
      })
      await attempt(async () => {
        using reader = read(base)
        const flame = flameGraph(reader, { at: 'peak', value: 'temporary' })
        JSON.parse([...flameSpeedscope(flame)].join(''))
        const difference = diffFlameGraphs(flame, flameGraph(reader, { value: 'temporary' }))
        expect([...flameDiffCollapsed(difference)].join('')).not.toMatch(/NaN|Infinity/)
        expect(flowGraphDot([flowGraph(reader), flowGraph(reader, { at: 0.0005 })])).not.toContain('NaN')
        expect(timePlotSvg(reader.timePlot({}, { by: 'domain' }))).not.toMatch(/NaN|undefined/)
      })
      await attempt(async () => {
        await mergeProfiles([base, intact], join(folder, 'out'))
        using reader = read(join(folder, 'out')) // what was written can be read
        for (const _ of reader.events());
      })
    }),
    { numRuns: 400 },
  )
  expect(outcomes.done).toBeGreaterThan(100)
  expect(outcomes.refused).toBeGreaterThan(100)
})
