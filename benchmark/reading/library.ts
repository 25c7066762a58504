// What the benchmarks of reading need: the codecs to write a recording with, and what reads it.
export { exportProfile } from '../../src/core/export/export-profile.js'
export { flowGraphSvg } from '../../src/core/flowgraph/draw.js'
export { encodeBlock, encodePrologue } from '../../src/core/format/block.js'
export { EventWriter } from '../../src/core/format/event-writer.js'
export {
  encodeFrame,
  encodeFunction,
  encodeHeader,
  encodeNode,
  encodeScript,
  encodeTrace,
} from '../../src/core/format/hpm.js'
export { read } from '../../src/core/reader.js'
export { sites } from '../../src/core/reduce/sites.js'
