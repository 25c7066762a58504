// What a page carries, and its script reads. Imports nothing, since both sides do.
//
// One block of bytes, gzipped, as base64:
//
//   | length of the head, u32 | head: JSON, UTF-8 | columns, each from a multiple of 8 bytes |
//
// All numbers are little-endian. Columns are lists of numbers in the narrowest type that holds them; the head says where
// each is. gzip makes a page of 1,000,000 events some 4 MB.
//
// Time is cut into steps. An event belongs to the step that it falls into, or ends; step s is what happened after
// edges[s] and up to edges[s + 1], the first one with what happened at 0. An object that was allocated in step 3 and
// freed in step 5 is in a cell with others of its trace that were:
//
//    trace 7   born 3   died 5       1,072.8 bytes   22.3 allocations   variance 524,000
//    trace 7   born 3   died NEVER     536.4 bytes   11.2 allocations   variance 262,000
//
// So of any span of whole steps, all that can be asked is a sum of cells, and exact to the event:
//
//    allocated in steps a to b     born >= a, born <= b
//    temporary in them             born >= a, died <= b
//    retained of them              born >= a, born <= b, died > b
//    live at the end of step b     born <= b, died > b

/** The step of a death that the recording does not have. */
export const NEVER: number = 2047
/** Steps of one length. One more is made at the peak; all have numbers below {@link NEVER}. */
export const MOST_STEPS = 1000

/** Whose code a frame is, by its number in the column `frameKinds`. */
export const KINDS = ['user', 'dependency', 'node', 'runner', 'native', 'heapproof'] as const

/** Names of the types of columns. */
export const TYPES = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
}

export type Column = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array

/** Where a column is: its type, the offset behind the head in bytes, and how many numbers it has. */
export type ColumnPlace = readonly [type: keyof typeof TYPES, offset: number, length: number]

/** Columns of the frames: lines of functions. Indexes of `names`, `files`, `texts`. Frame 0 stands for what is not known. */
export interface FrameColumns {
  readonly frameNames: Column
  readonly frameFiles: Column
  readonly frameLines: Column
  readonly frameKinds: Column
  /** 0 where the text of the line is not known. */
  readonly frameTexts: Column
}

/** Columns of stacks. */
export interface TreeColumns extends FrameColumns {
  /** By node: a frame and the node of its caller, which comes before it. Node 0 is above all roots. */
  readonly nodeParents: Column
  readonly nodeFrames: Column
  /** By trace: the node that it ends in. */
  readonly traceNodes: Column
}

/** Columns of the stacks, which both profiles of a comparison share. A trace is a stack in a domain. */
export interface StackColumns extends TreeColumns {
  readonly traceDomains: Column
}

/** Columns of one recording. */
export interface TimeColumns {
  /** Microseconds: one more than there are steps. */
  readonly edges: Column
  /** By step: the most bytes that were live in it at once. */
  readonly highs: Column
  /** By step: collections, and the microseconds that they took. */
  readonly minor: Column
  readonly major: Column
  readonly pauses: Column
  /** By step: how many of the cells were born in it. */
  readonly born: Column
  /** By cell, in the order of birth, trace and death. Traces are less that of the cell before; the first of a step as it is. */
  readonly cellTraces: Column
  readonly cellDeaths: Column
  readonly cellBytes: Column
  readonly cellAllocations: Column
  /** Of the bytes. */
  readonly cellVariances: Column
}

export interface ProfileFacts {
  /** What it is called. */
  readonly name: string
  /** By domain: what to multiply bytes and allocations by, to be in the measure of the exact counters. */
  readonly factors: readonly number[]
  /** Microseconds, and bytes. */
  readonly peakTime: number
  readonly peakBytes: number
  readonly columns: ColumnPlaces<TimeColumns>
}

/** Texts by number, each once. */
export interface PageTexts {
  readonly names: readonly string[]
  readonly files: readonly string[]
  /** Lines of source. */
  readonly texts: readonly string[]
}

/** Where columns are. */
export type ColumnPlaces<Columns> = Readonly<Record<keyof Columns, ColumnPlace>>

/** The JSON of a report page. */
export interface PageHead extends PageTexts {
  readonly domains: readonly string[]
  readonly stacks: ColumnPlaces<StackColumns>
  /** The profile, and the one that it is compared with. */
  readonly profiles: readonly ProfileFacts[]
}

/** The JSON of a page with a flame graph alone. */
export interface FlameHead extends PageTexts {
  readonly stacks: ColumnPlaces<TreeColumns>
  /** By trace: bytes of the state, or of the two that are compared, the earlier one first. */
  readonly states: readonly ColumnPlaces<{ readonly bytes: Column }>[]
}
