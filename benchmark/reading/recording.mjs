import { closeSync, openSync, writeSync } from 'node:fs'

const SESSION = Uint8Array.from({ length: 16 }, (_, index) => index)
const EVENTS_A_BLOCK = 16_384
const DEPTH = 12 // frames of a stack

/**
 * Writes a recording like that of a busy server: `events` samples at an interval of 512 bytes, over `traces` stacks of
 * which few have most; half of the objects die, most of them young. Returns the bytes of each file.
 */
export function writeRecording(fileBase, { library, events, traces, alike = false, seconds = 600 }) {
  const random = generator(4711)
  return { hpm: writeStacks(`${fileBase}.hpm`, library, traces), hpd: writeEvents() }

  function writeEvents() {
    const { EventWriter, encodeBlock, encodePrologue } = library
    const file = openSync(`${fileBase}.hpd`, 'w')
    let bytes = writeSync(file, encodePrologue('D', SESSION))
    let writer = new EventWriter().sampling(0, 'heap', 512)
    const step = (seconds * 1e6) / events
    const young = []
    for (let done = 0; done < events; ) {
      const time = Math.floor(done * step)
      if (young.length > 256 && random() < 0.4) {
        const at = Math.floor(random() * young.length)
        const { trace, size, born } = young[at]
        young[at] = young[young.length - 1]
        young.pop()
        writer.free(time, trace, size, time - born)
      } else {
        const trace = Math.ceil(alike ? random() * traces : traces ** random())
        const size = 16 + 8 * Math.floor(random() ** 4 * 200)
        writer.alloc(time, trace, size)
        if (young.length < 4096) young.push({ trace, size, born: time })
      }
      if (++done % EVENTS_A_BLOCK === 0 || done === events) {
        bytes += writeSync(file, encodeBlock(writer.take()))
        writer = new EventWriter(time)
      }
    }
    closeSync(file)
    return bytes
  }
}

function writeStacks(path, library, traces) {
  const { encodeBlock, encodePrologue, encodeHeader, encodeScript, encodeFunction } = library
  const { encodeFrame, encodeNode, encodeTrace } = library
  const file = openSync(path, 'w')
  let bytes = writeSync(file, encodePrologue('M', SESSION))
  let records = [encodeHeader({ samplingInterval: 512, startTime: 1.7e12, stackDepth: 128 })]
  records.push(encodeScript({ url: 'file:///app/server.js', sourceMapUrl: '' }))
  for (let i = 1; i <= 1000; i++) {
    records.push(encodeFunction({ script: 1, line: i, column: 1, name: `function${i}` }))
    records.push(encodeFrame({ approximate: false, function: i, line: i, column: 5 }))
  }
  let node = 0
  for (let trace = 1; trace <= traces; trace++) {
    let parent = 0
    for (let depth = 0; depth < DEPTH; depth++) {
      records.push(encodeNode(parent, 1 + ((trace * 7 + depth * 13) % 1000)))
      parent = ++node
    }
    records.push(encodeTrace('heap', parent))
    if (trace % 1000 === 0 || trace === traces) {
      bytes += writeSync(file, encodeBlock(Buffer.concat(records)))
      records = []
    }
  }
  closeSync(file)
  return bytes
}

/** Numbers from 0 to 1 that are the same in every run. */
function generator(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
}
