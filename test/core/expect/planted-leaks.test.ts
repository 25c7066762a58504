import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { retainLessThan } from '../../../src/core/expect/retain-less-than.js'
import { prepare } from '../../../src/core/measure/prepare.js'

prepare()

const emitter = new EventEmitter().setMaxListeners(0)
const cache = new Map<number, object>()
const closures: (() => number)[] = []
const buffers: Buffer[] = []
const channels: MessageChannel[] = []
let id = 0

/** Each leaks, and does the same without the leak. */
const planted: Record<string, { leaking: () => unknown; clean: () => unknown }> = {
  'a listener': {
    leaking() {
      const request = { rows: new Array(50).fill(id++) }
      emitter.on('data', () => request.rows.length)
    },
    clean() {
      const request = { rows: new Array(50).fill(id++) }
      const listener = () => request.rows.length
      emitter.on('data', listener)
      emitter.off('data', listener)
    },
  },
  'a cache': {
    leaking: () => cache.set(id++, { key: id, value: `value ${id}`, more: [id, id] }),
    clean: () => cache.set(-1, { key: id, value: `value ${id}`, more: [id, id] }),
  },
  'a closure': {
    leaking() {
      const rows = [id++, id, id, id]
      closures.push(() => rows.length)
    },
    clean() {
      const rows = [id++, id, id, id]
      closures[0] = () => rows.length
    },
  },
  'a timer': {
    leaking() {
      const state = { ticks: id++, list: [1, 2, 3] }
      setInterval(() => state.ticks++, 1e9).unref()
    },
    clean() {
      const state = { ticks: id++, list: [1, 2, 3] }
      clearInterval(setInterval(() => state.ticks++, 1e9))
    },
  },
  'a buffer of which a part is kept': {
    leaking: () => buffers.push(Buffer.alloc(1000).subarray(0, 1)),
    clean: () => Buffer.alloc(1000).subarray(0, 1),
  },
  'a native handle that is never closed': {
    leaking() {
      const channel = new MessageChannel()
      channel.port1.on('message', () => {})
      channel.port1.unref()
      channels.push(channel)
    },
    clean() {
      const channel = new MessageChannel()
      channel.port1.on('message', () => {})
      channel.port1.close()
    },
  },
}

const context = { isNot: false, root: import.meta.dirname, cwd: import.meta.dirname }

describe.each(Object.keys(planted))('%s', (name) => {
  const { leaking, clean } = planted[name] as (typeof planted)[string]

  test('is found, and its line named', async () => {
    const { pass, message } = await retainLessThan(leaking, '60 B', { runs: 50 }, context)
    expect(pass).toBe(false)
    // Lines are those of the source in a runner that has the plugin; the end-to-end tests look at them.
    const sites = message().match(/^ +[\d.]+ k?M?B +\d+ % .*$/gm) ?? []
    expect(sites[0], message()).toMatch(/ leaking +planted-leaks\.test\.ts:\d+:\d+/)
  })

  test('the same without the leak passes five times in a row', { retry: 0 }, async () => {
    for (let time = 0; time < 5; time++) {
      const { pass, message } = await retainLessThan(clean, '60 B', undefined, context)
      expect(pass, message()).toBe(true)
    }
  })
})
