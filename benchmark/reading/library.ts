// What the benchmark of reading needs beyond the package's exports: the codecs to write a recording with.
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
