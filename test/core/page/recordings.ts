import { LogBuilder } from '../../support/log-builder.js'

/** A recording of so many events over one second, the same each time: objects of many sizes, most of which die young. */
export function busyRecording(fileBase: string, events: number): string {
  const builder = new LogBuilder()
  const random = generator(20)
  const traces = Array.from({ length: 40 }, (_, index) =>
    builder.trace(
      [
        { function: 'Map', url: '' },
        { function: `leaf${index % 7}`, url: 'file:///app/src/leaf.js', line: 1 + (index % 7) },
        { function: 'again', url: 'file:///app/src/again.js', line: 2, column: index },
        { function: 'again', url: 'file:///app/src/again.js', line: 2, column: index + 1 },
        { function: `root${index % 3}`, url: 'file:///app/src/root.js', line: 10 + (index % 3) },
      ].slice(index % 2),
      index % 5 === 0 ? 'arrayBuffer' : 'heap',
    ),
  )
  builder.events.sampling(0, 'heap', 512).sampling(0, 'arrayBuffer', 512)
  const live: { trace: number; size: number; born: number }[] = []
  for (let event = 0; event < events; event++) {
    const time = Math.floor((event * 1e6) / events)
    if (live.length > 100 && random() < 0.49) {
      const at = Math.floor(random() ** 3 * live.length)
      const { trace, size, born } = live[live.length - 1 - at] as (typeof live)[0]
      live.splice(live.length - 1 - at, 1)
      builder.events.free(time, trace, size, time - born)
    } else {
      const object = {
        trace: traces[Math.floor(random() ** 2 * traces.length)] as number,
        size: 16 + 8 * Math.floor(random() ** 4 * 200),
        born: time,
      }
      builder.events.alloc(time, object.trace, object.size)
      live.push(object)
    }
    if (event % 997 === 0) builder.events.collection(time, event % 1994 === 0 ? 4 : 1, 300, 5e6, 4e6)
    if (event % 4096 === 0) builder.blockHpd()
  }
  builder.events.end(1e6, '')
  return builder.write(fileBase)
}

/** Numbers from 0 to 1 that are the same in every run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
}
