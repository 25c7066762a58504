import type { EventCursor } from './cursor.js'
import type { Tables } from './hpm.js'

/** What a Reader reads from: the opened files of a recording, whatever their format. */
export interface Recording {
  /** Path of the files without their extensions. */
  readonly fileBase: string
  readonly tables: Tables
  /** Bytes at the end of the metadata that could not be used, because the recorder did not finish them. */
  readonly metadataIgnored: number
  readonly origin: Origin
  /** A pass over all events, from the first one. Passes do not disturb each other. */
  cursor(): EventCursor
  /** May be called more than once. */
  close(): void
}

/** Which recording it is and how much of it was there when it was opened: what a digest is told to be stale by. */
export interface Origin {
  /** 16 bytes that differ between any two recordings; in another format, the same for the same recording. */
  readonly sessionId: Uint8Array
  /** Bytes of the file of metadata. */
  readonly metadataSize: number
  /** Bytes of the file of events. */
  readonly eventsSize: number
}
