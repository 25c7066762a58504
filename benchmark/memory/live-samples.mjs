import { getSamplerMemory, start, takeSnapshot } from './library.mjs'

const INTERVAL = 512

/** Keeps that many samples alive, and says what the sampler has for them. */
export function liveSamples(count) {
  start({ samplingInterval: INTERVAL })
  const before = getSamplerMemory()
  const kept = []
  for (let i = 0; i < (count * INTERVAL) / 48; i += 1000)
    kept.push(Array.from({ length: 1000 }, (_, k) => ({ a: i, b: k, c: i })))
  const bytes = getSamplerMemory() - before
  const samples = takeSnapshot().traces.reduce((sum, { samples }) => sum + samples, 0)
  if (kept.length === 0) throw new Error('nothing was kept')
  return { samples, bytes }
}
