import type { Instruments } from './instruments.js'

/** Milliseconds of the clock and of processors. */
export interface Elapsed {
  readonly clock: number
  readonly cpu: number
}

type Clocks = Pick<Instruments, 'milliseconds' | 'cpuMilliseconds'>

/** What the clocks say. */
export function now(clocks: Clocks): Elapsed {
  return { clock: clocks.milliseconds(), cpu: clocks.cpuMilliseconds() }
}

/** How long ago something was. */
export function since(began: Elapsed, clocks: Clocks): Elapsed {
  const { clock, cpu } = now(clocks)
  return { clock: clock - began.clock, cpu: cpu - began.cpu }
}
