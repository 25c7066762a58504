// Node's own: zlib, crypto, streams, files, Buffers, worker threads, child processes.
const { execFileSync } = require('node:child_process')
const { createHash, randomBytes } = require('node:crypto')
const { createReadStream, createWriteStream, mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { Readable, Transform } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const { setTimeout: sleep } = require('node:timers/promises')
const { Worker } = require('node:worker_threads')
const zlib = require('node:zlib')

test('compresses and expands', () => {
  const text = Buffer.from('the quick brown fox '.repeat(50_000))
  expect(zlib.gunzipSync(zlib.gzipSync(text)).equals(text)).toBe(true)
  expect(zlib.brotliDecompressSync(zlib.brotliCompressSync(text.subarray(0, 100_000)))).toHaveLength(100_000)
})

test('a pipeline through files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'real-suites-'))
  try {
    const path = join(folder, 'rows.gz')
    const lines = Readable.from(
      (function* () {
        for (let i = 0; i < 20_000; i++) yield `${i},row ${i}\n`
      })(),
    )
    await pipeline(lines, zlib.createGzip(), createWriteStream(path))
    let bytes = 0
    const count = new Transform({
      transform(part, _, done) {
        bytes += part.length
        done()
      },
    })
    await pipeline(createReadStream(path), zlib.createGunzip(), count)
    expect(bytes).toBe(
      Array.from({ length: 20_000 }, (_, i) => `${i},row ${i}\n`.length).reduce((a, b) => a + b),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('many small Buffers, and slices of a large one', () => {
  const large = Buffer.alloc(1_000_000, 'ab')
  const parts = Array.from({ length: 10_000 }, (_, i) => large.subarray(i * 100, i * 100 + 100))
  const copies = parts.map((part) => Buffer.from(part))
  expect(Buffer.concat(copies).equals(large)).toBe(true)
})

test('moves ArrayBuffers to a thread and back', async () => {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     parentPort.on('message', (buffer) => { new Uint8Array(buffer).fill(7); parentPort.postMessage(buffer, [buffer]) })`,
    { eval: true },
  )
  for (let round = 0; round < 5; round++) {
    const buffer = new ArrayBuffer(2_000_000)
    const answer = new Promise((resolve) => worker.once('message', resolve))
    worker.postMessage(buffer, [buffer])
    expect(buffer.byteLength).toBe(0)
    expect(new Uint8Array(await answer)[1_999_999]).toBe(7)
  }
  await worker.terminate()
})

test('hashes', () => {
  const hash = createHash('sha256')
  for (let i = 0; i < 100; i++) hash.update(randomBytes(10_000))
  expect(hash.digest('hex')).toHaveLength(64)
})

test('shared and resizable memory', () => {
  const shared = new SharedArrayBuffer(1_000_000)
  Atomics.add(new Int32Array(shared), 3, 5)
  const resizable = new ArrayBuffer(1000, { maxByteLength: 1_000_000 })
  resizable.resize(500_000)
  expect([Atomics.load(new Int32Array(shared), 3), resizable.byteLength]).toEqual([5, 500_000])
  expect(new WebAssembly.Memory({ initial: 2, maximum: 10 }).grow(3)).toBe(2)
})

test('a child process', () => {
  expect(execFileSync(process.execPath, ['-p', '6 * 7'], { encoding: 'utf8' })).toBe('42\n')
})

test('timers and promises', async () => {
  const slept = await Promise.all(
    Array.from({ length: 500 }, async (_, i) => {
      await sleep(i % 10)
      return i
    }),
  )
  expect(slept.reduce((a, b) => a + b)).toBe(124_750)
})

test('what is held weakly', async () => {
  const registry = new FinalizationRegistry(() => {})
  const refs = Array.from({ length: 2000 }, (_, i) => {
    const value = { i, row: new Array(100).fill(i) }
    registry.register(value, i)
    return new WeakRef(value)
  })
  await sleep(5)
  expect(refs).toHaveLength(2000)
})
