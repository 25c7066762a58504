import type { EventCursor } from './cursor.js'
import type { Tables } from './hpm.js'

/** What a Reader reads from: the opened files of a recording, whatever their format. */
export interface Recording {
  /** Path of the files without their extensions. */
  readonly fileBase: string
  readonly tables: Tables
  /** Bytes at the end of the metadata that could not be used, because the recorder did not finish them. */
  readonly metadataIgnored: number
  /** A pass over all events, from the first one. Passes do not disturb each other. */
  cursor(): EventCursor
  /** May be called more than once. */
  close(): void
}
