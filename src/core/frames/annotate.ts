import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { BLOCK_LIMIT, BlockReader, encodeBlock } from '../format/block.js'
import { findProfile, InputFile } from '../format/files.js'
import { encodeMapped, type MappedRecord, readTables, type Tables } from '../format/hpm.js'
import { ByteWriter } from '../format/varint.js'
import { wantsSources } from './resolve.js'
import { type EncodedSourceMap, openSourceMap, type SourceMapper } from './source-map.js'

/** Finds the source map of a script, as JSON text or parsed; undefined when it has none. */
export type ResolveSourceMap = (
  scriptUrl: string,
  sourceMapUrl: string,
) => EncodedSourceMap | string | undefined

/**
 * Writes into a stopped recording where its frames are in the sources their scripts were made from, so that whoever
 * reads it later needs neither the source maps nor the program. Returns the number of frames that were mapped now;
 * frames an earlier call mapped to the same place are not written again.
 *
 * `resolve` is called once per script of the user or of a dependency that has frames; what it throws is passed on, and
 * then nothing was written. The records go to the end of the .hpm in one write, after what a killed recorder left of
 * an unfinished block was cut off: whatever happens in between, the file stays readable. Call it only after `stop()`,
 * because a recorder still at work would write over them.
 *
 * Throws HeapproofError: the codes of `read()`, and `cannot-write`.
 */
export function annotate(fileBase: string, resolve: ResolveSourceMap): number {
  const { hpm } = findProfile(fileBase)
  const file = new InputFile(hpm)
  let tables: Tables
  let blocks: BlockReader
  try {
    blocks = new BlockReader(file, 'M')
    tables = readTables(hpm, blocks)
  } finally {
    file.close()
  }
  const records = mapFrames(tables, resolve)
  if (records.length > 0) append(hpm, blocks.goodLength, records)
  return records.length
}

function mapFrames(tables: Tables, resolve: ResolveSourceMap): Uint8Array[] {
  const mappers = new Map<number, SourceMapper | undefined>()
  const records: Uint8Array[] = []
  for (let index = 1; index < tables.frames.length; index++) {
    const frame = tables.frames[index] as Tables['frames'][number]
    const { script } = tables.functions[frame.function] as Tables['functions'][number]
    if (!mappers.has(script)) mappers.set(script, openMap(tables, script, resolve))
    const original = mappers.get(script)?.(frame.line, frame.column)
    if (original === undefined) continue
    // The function keeps its name. The name a map gives is that of the identifier at this place: for `new Map()` in a
    // function without a name it would be `Map`.
    const mapped = { ...original, name: '' }
    if (!same(mapped, tables.mapped.get(index))) records.push(encodeMapped(index, mapped))
  }
  return records
}

function openMap(tables: Tables, script: number, resolve: ResolveSourceMap): SourceMapper | undefined {
  const { url, sourceMapUrl } = tables.scripts[script] as Tables['scripts'][number]
  const map = wantsSources(url) ? resolve(url, sourceMapUrl) : undefined
  return map === undefined ? undefined : openSourceMap(map, url, sourceMapUrl)
}

function same(left: MappedRecord, right: MappedRecord | undefined): boolean {
  if (right === undefined) return false
  const { line, column, file, name } = right
  return left.line === line && left.column === column && left.file === file && left.name === name
}

function append(path: string, at: number, records: readonly Uint8Array[]): void {
  const bytes = blocksOf(records)
  try {
    const descriptor = openSync(path, 'r+')
    try {
      ftruncateSync(descriptor, at)
      let done = 0
      while (done < bytes.length) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, at + done)
      }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw new HeapproofError('cannot-write', `${path}: cannot be written: ${(error as Error).message}`)
  }
}

/** One block, unless the records are more than a block may hold. */
function blocksOf(records: readonly Uint8Array[]): Uint8Array {
  const blocks: Uint8Array[] = []
  let payload = new ByteWriter()
  for (const record of records) {
    if (payload.length + record.length > BLOCK_LIMIT) {
      blocks.push(encodeBlock(payload.take()))
      payload = new ByteWriter()
    }
    payload.raw(record)
  }
  blocks.push(encodeBlock(payload.take()))
  return Buffer.concat(blocks)
}
