/** What a program keeps by mistake: how it is set up, what a call leaks (its line ends in LEAK), and the same without the leak. */
export const LEAKS = {
  listener: {
    before:
      "const { EventEmitter } = require('node:events'); const emitter = new EventEmitter().setMaxListeners(0)",
    leaks: "const rows = [1]; emitter.on('data', () => rows.length) // LEAK",
    clean: "const rows = [1]; const on = () => rows.length; emitter.on('data', on); emitter.off('data', on)",
  },
  cache: {
    before: 'const cache = new Map(); let next = 0',
    leaks: "cache.set(next++, { name: 'row ' + next }) // LEAK",
    clean: "cache.set(1, { name: 'row ' + next++ })",
  },
  closure: {
    before: 'const later = []',
    leaks: 'const list = [1, 2, 3, 4]; later.push(() => list) // LEAK',
    clean: 'const list = [1, 2, 3, 4]; later.push(() => list); later.pop()()',
  },
  timer: {
    before: '',
    leaks: 'setTimeout(() => {}, 1e8).unref() // LEAK',
    clean: 'clearTimeout(setTimeout(() => {}, 1e8).unref())',
  },
  buffer: {
    before: 'const kept = []',
    leaks: 'kept.push(structuredClone(new ArrayBuffer(1000))) // LEAK',
    clean: 'const one = new ArrayBuffer(1000); structuredClone(one, { transfer: [one] })',
  },
  handle: {
    before: "const { createHash } = require('node:crypto'); const hashes = []",
    leaks: "hashes.push(createHash('sha256').update('x')) // LEAK",
    clean: "createHash('sha256').update('x').digest()",
  },
}

/** A module with one function, `work`, that leaks or does not. */
export function moduleOf({ before, leaks, clean }, leaking) {
  return `${before}\nexports.work = () => {\n  ${leaking ? leaks : clean}\n}\n`
}
