import { expect, test } from 'vitest'
import { drive } from '../../../src/core/measure/drive.js'
import { heatUp } from '../../../src/core/snapshot/heat.js'
import { FakeMachine } from '../measure/fake.js'

/** How often a function is called that allocates so much in so long. */
function callsOf(alike: boolean, bytes: number, milliseconds: number, given?: number): number {
  const machine = new FakeMachine()
  let calls = 0
  const fn = () => {
    calls++
    machine.heap(bytes)
    machine.clock += milliseconds
  }
  expect(drive(heatUp(fn, given, alike, machine))).toBe(false)
  return calls
}

async function callsOfWaiting(bytes: number, milliseconds: number): Promise<number> {
  const machine = new FakeMachine()
  let calls = 0
  const fn = async () => {
    calls++
    machine.heap(bytes)
    machine.clock += milliseconds
  }
  expect(await drive(heatUp(fn, undefined, true, machine))).toBe(true)
  return calls
}

test('as long as it takes, on this machine', () => {
  expect(callsOf(false, 1000, 1)).toBe(101)
  expect(callsOf(false, 1000, 40)).toBe(3)
  expect(callsOf(false, 1000, 5000)).toBe(2)
  expect(callsOf(false, 1000, 0)).toBe(1000)
})

test('equally often on any machine, where runs are to be the same: by what a call allocates', () => {
  for (const [bytes, calls] of [
    [0, 1024],
    [10_000, 1024],
    [250_000, 256],
    [260_000, 256],
    [1_000_000, 64],
    [5_000_000, 16],
    [100_000_000, 8],
  ] as const) {
    expect(callsOf(true, bytes, 0), `${bytes}`).toBe(calls)
    expect(callsOf(true, bytes * 1.03, 1), `${bytes}, a little more, slowly`).toBe(calls)
  }
})

test('functions that wait 64 times at most', async () => {
  expect(await callsOfWaiting(1000, 3)).toBe(64)
  expect(await callsOfWaiting(5_000_000, 3)).toBe(16)
})

test('as often as somebody said', async () => {
  for (const alike of [false, true])
    for (const calls of [0, 1, 20]) expect(callsOf(alike, 1000, 1000, calls)).toBe(calls)
})

test('but no test waits for minutes', async () => {
  expect(callsOf(true, 1000, 100)).toBe(50)
  expect(await callsOfWaiting(1000, 60_000)).toBe(1)
})
