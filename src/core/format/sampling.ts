import type { ByteReader, ByteWriter } from './varint.js'

/** The rules of a SAMPLING event. */
export const RULE = { poisson: 0, table: 1 } as const

/** A range of sizes: those below `bound` bytes that no range before it has, and the chance one of them is recorded. */
export type SizeRange = readonly [bound: number, probability: number]

/** How the allocations of one domain were chosen. */
export interface Sampling {
  /** 0: every byte is drawn with the same chance (Poisson). 1: a table of probabilities by size. Others are unknown. */
  readonly rule: number
  /** Rule 0: mean bytes between two samples; 0 and 1 record everything. 0 under other rules. */
  readonly interval: number
  /** Rule 1: ranges by ascending bounds; sizes from the last bound on are always recorded. Empty under other rules. */
  readonly table: readonly SizeRange[]
  /** Rule 1: the mean bytes between two draws of V8, which draws first on its heap; 1 where nobody does. */
  readonly draw: number
}

/** No rule was told: everything was recorded, as far as anybody knows. */
export const UNKNOWN_SAMPLING: Sampling = { rule: RULE.poisson, interval: 0, table: [], draw: 1 }

/**
 * How many allocations one sampled allocation of `size` bytes stands for. At an interval of 512 bytes:
 *
 *    size 16      p = 1 - exp(-16/512)   = 0.0308    scale 32.5       bytes 520
 *    size 512     p = 1 - exp(-1)        = 0.632     scale 1.58       bytes 810
 *    size 8192    p = 1 - exp(-16)       = 1         scale 1.0000001  bytes 8192.001
 *
 * The sampler lays points on the line of all bytes allocated, at exponential distances with mean `interval`, and
 * takes the objects a point falls into: so p = 1 - exp(-size / interval), and the scale is 1 / p. `expm1`, because
 * 1 - exp(-x) loses digits as x gets small, and all of them below 1e-16.
 */
export function poissonScale(size: number, interval: number): number {
  return interval > 1 && size > 0 ? -1 / Math.expm1(-size / interval) : 1
}

/**
 * The same under a table. {128: 0.0001, 8192: 0.1} on V8's heap, which draws at 1,185 bytes for it:
 *
 *    size 64      p = 0.0001                                       scale 10,000    bytes 640,000
 *    size 4096    p = 0.1                                          scale 10        bytes 40,960
 *    size 8192    p = 1 by the table, but V8 draws only 0.99900    scale 1.0010    bytes 8,200.2
 *
 * What V8 has drawn, with the probability d = 1 - exp(-size / draw), is kept with p / d, or always when d is less than
 * p. So the smaller of both is the chance of the object. The same holds elsewhere, with d = 1.
 */
export function tableScale(size: number, { table, draw }: Sampling): number {
  let asked = 1
  for (let index = table.length - 1; index >= 0; index--) {
    const [bound, probability] = table[index] as SizeRange
    if (size >= bound) break
    asked = probability
  }
  const scale = Math.max(1 / asked, poissonScale(size, draw))
  // A range with probability 0 has no samples. Should there be one all the same, it is at least itself.
  return scale < Number.POSITIVE_INFINITY ? scale : 1
}

/** The count scale of an allocation under a rule; 1 under a rule this build does not know. */
export function scaleOf(size: number, sampling: Sampling): number {
  if (sampling.rule === RULE.poisson) return poissonScale(size, sampling.interval)
  return sampling.rule === RULE.table ? tableScale(size, sampling) : 1
}

/** Reads the body of a SAMPLING event behind its domain. */
export function readSampling(input: ByteReader): Sampling {
  const rule = input.varint()
  if (rule === RULE.poisson) {
    const interval = input.float64()
    if (!finite(interval)) input.fail(`a sampling interval of ${interval} bytes`)
    return { rule, interval, table: [], draw: 1 }
  }
  if (rule !== RULE.table) return { ...UNKNOWN_SAMPLING, rule }
  const draw = input.float64()
  if (!finite(draw)) input.fail(`a draw every ${draw} bytes`)
  const table: SizeRange[] = []
  for (let left = input.varint(); left > 0; left--) {
    const [bound, probability] = [input.varint(), input.float64()]
    if (!(probability >= 0 && probability <= 1)) input.fail(`a sampling probability of ${probability}`)
    if (bound <= (table.at(-1)?.[0] ?? 0)) input.fail(`a range of sizes below ${bound} that is empty`)
    table.push([bound, probability])
  }
  return { rule, interval: 0, table, draw }
}

/** Writes what `readSampling` reads. */
export function writeSampling(output: ByteWriter, { rule, interval, table, draw }: Sampling): void {
  output.varint(rule)
  if (rule !== RULE.table) {
    output.float64(interval)
    return
  }
  output.float64(draw).varint(table.length)
  for (const [bound, probability] of table) output.varint(bound).float64(probability)
}

function finite(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY
}
