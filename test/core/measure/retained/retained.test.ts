import { beforeEach, describe, expect, test } from 'vitest'
import { drive } from '../../../../src/core/measure/drive.js'
import { type RetainedSettings, retained } from '../../../../src/core/measure/retained/retained.js'
import { FakeMachine } from '../fake.js'

let machine: FakeMachine
let calls: number

beforeEach(() => {
  machine = new FakeMachine()
  calls = 0
})

const settings: RetainedSettings = {
  limit: 100,
  domains: ['heap', 'arrayBuffer'],
  warmup: 0,
  runs: undefined,
  rounds: 8,
}
const run = async (fn: () => unknown, more: Partial<RetainedSettings> = {}) =>
  drive(retained(machine, fn, { ...settings, ...more }))

/** Two milliseconds a call: ten fit into a round. */
const retaining = (bytes: number) => () => {
  calls++
  machine.clock += 2
  machine.retain(bytes)
}

/** What is live is somewhere between 0 and so many bytes more, at each reading, whatever the function does. */
const noisy = (bytes: number, milliseconds = 0) => {
  const parts = [0.1, 0.9, 0.4, 0.2, 0.7, 1, 0.3, 0.8, 0, 0.6, 0.5]
  let now = 0
  let reading = 0
  machine.onTurn = () => {
    const next = Math.round(bytes * (parts[reading++ % parts.length] as number))
    machine.retain(next - now)
    now = next
    machine.clock += milliseconds
  }
}

describe('a function that retains nothing', () => {
  test('is called until five rounds have shown it', async () => {
    const fn = () => {
      calls++
      machine.clock += 2
      machine.temporary(5000)
    }
    const { verdict, series } = await run(fn)
    expect(verdict).toBe('kept')
    expect(series.perCall).toEqual([0, 0, 0, 0, 0])
    expect(series.calls).toBe(10)
    expect(series.allocated).toBe(5000)
    expect(calls).toBe(60) // ten of them to learn how long they take
    expect(machine.events.filter((event) => event === 'collect')).toHaveLength(6)
  })

  test('may retain less than the limit', async () => {
    expect(await run(retaining(99))).toMatchObject({ verdict: 'kept' })
  })

  test('may let go of buffers late, in a turn of the event loop', async () => {
    let waiting = 0
    machine.onTurn = () => {
      machine.freeBuffers(waiting)
      waiting = 0
    }
    const fn = () => {
      machine.buffers(1000)
      waiting += 1000
      machine.clock += 2
    }
    expect(await run(fn)).toMatchObject({ verdict: 'kept' })
  })
})

describe('a function that retains', () => {
  test('is called twice as often in a second series, to be sure', async () => {
    const { verdict, series } = await run(retaining(100))
    expect(verdict).toBe('exceeded')
    expect(series.calls).toBe(20)
    expect(series.perCall).toEqual(new Array(8).fill(100))
    expect(calls).toBe(10 + 8 * 10 + 8 * 20)
  })

  test('buffers are found as well, and told apart', async () => {
    const { verdict, series } = await run(() => {
      machine.clock += 2
      machine.buffers(500)
    })
    expect(verdict).toBe('exceeded')
    expect(series.perCallOf).toMatchObject({
      heap: new Array(8).fill(0),
      arrayBuffer: new Array(8).fill(500),
    })
  })

  test('and stops doing so is not believed: a cache that is full', async () => {
    const fn = () => {
      calls++
      machine.clock += 2
      machine.retain(calls <= 100 ? 200 : 0)
    }
    expect(await run(fn)).toMatchObject({ verdict: 'kept' })
  })

  test('at only some calls is found with more of them', async () => {
    const fn = () => {
      calls++
      machine.clock += 2
      machine.retain(calls % 16 === 0 ? 3200 : 0)
    }
    const { verdict, series } = await run(fn)
    expect(verdict).toBe('exceeded')
    expect(series.calls).toBeGreaterThan(10)
  })

  test('only what counts is counted', async () => {
    expect(await run(retaining(500), { domains: ['arrayBuffer'] })).toMatchObject({ verdict: 'kept' })
    const native = () => {
      machine.liveNativeBytes += 300
      machine.clock += 2
    }
    expect(await run(native)).toMatchObject({ verdict: 'kept' })
    const { verdict, series } = await run(native, { domains: ['native'] })
    expect([verdict, series.perCallOf.native[0]]).toEqual(['exceeded', 300])
  })
})

describe('noise', () => {
  test('that hides the limit is outweighed by four times the calls', async () => {
    noisy(20_000)
    const { verdict, series } = await run(retaining(50))
    expect(verdict).toBe('kept')
    expect(series.calls).toBeGreaterThanOrEqual(40)
  })

  test('that stays larger is what cannot be told; the calls are bounded', async () => {
    noisy(1e9)
    const { verdict, series } = await run(retaining(50))
    expect(verdict).toBe('unclear')
    // The next series would have 8 times 640 calls of 2 ms: longer than ten seconds.
    expect([series.calls, calls]).toEqual([160, 10 + 8 * (10 + 40 + 160)])
  })

  test('with a number of calls that was given, only the series are repeated', async () => {
    noisy(1e9)
    const { verdict, series } = await run(retaining(50), { runs: 3 })
    expect([verdict, series.calls, calls]).toEqual(['unclear', 3, 5 * 8 * 3])
  })

  test('takes no more series than there is patience for', async () => {
    noisy(1e9)
    const fn = () => {
      calls++
      machine.clock += 1500
    }
    expect(await run(fn)).toMatchObject({ verdict: 'unclear' })
    expect(calls).toBe(1 + 8)
  })
})

describe('on a busy machine', () => {
  test('a round is longer, or it would be of two calls', async () => {
    machine.cpu = 0
    const fn = () => {
      machine.clock += 10
      machine.cpu = (machine.cpu ?? 0) + 1
    }
    expect((await run(fn)).series.calls).toBe(6)
  })

  test('collections that take long are no reason for fewer calls', async () => {
    machine.cpu = 0
    noisy(20_000, 700)
    // Nine collections take six seconds in each series; four times that would be more than there is patience for.
    const { verdict, series } = await run(retaining(50))
    expect([verdict, series.calls]).toEqual(['kept', 120])
  })
})

test('asynchronous functions are waited for, one after the other', async () => {
  let running = 0
  const fn = async () => {
    expect(++running).toBe(1)
    await null
    machine.retain(100)
    machine.clock += 2
    running--
  }
  expect(await run(fn)).toMatchObject({ verdict: 'exceeded' })
})

test('warm-up calls come first', async () => {
  await run(retaining(0), { warmup: 7, runs: 1 })
  expect(calls).toBe(7 + 5)
})

test('what the function throws comes through', async () => {
  const error = new Error('mine')
  await expect(
    run(() => {
      throw error
    }),
  ).rejects.toBe(error)
})
