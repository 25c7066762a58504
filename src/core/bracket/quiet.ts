import { clearTimeout, setTimeout } from 'node:timers'
import { bracketState } from './state.js'

// Taken when this module is loaded: a test may replace them.
const later = setTimeout
const cancel = clearTimeout

/** Milliseconds that a runner's messages are held back at most: who watches a long test wants to see that it runs. */
const LONGEST = 1000
/** Milliseconds that a test waits for messages that are on their way. */
const PATIENCE = 200

const underWay = new Set<Promise<unknown>>()
const waiting = new Set<() => void>()

/**
 * Sends a message of the runner when no test runs: what it allocates, 20 kB to 200 kB, must not count for a test that
 * only waits for a timer. Messages keep their order.
 */
export async function whenQuiet<T>(send: () => T): Promise<Awaited<T>> {
  const sent = sendWhenQuiet(send)
  const known = sent.catch(() => undefined).finally(() => underWay.delete(known))
  underWay.add(known)
  return await sent
}

async function sendWhenQuiet<T>(send: () => T): Promise<Awaited<T>> {
  if (isBusy()) await quiet()
  return await send()
}

/** Waits for the answers to messages that were sent before. To be called before a body begins. */
export async function messagesSettled(): Promise<void> {
  if (underWay.size === 0 || isBusy()) return
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = later(resolve, PATIENCE)
  })
  await Promise.race([Promise.all(underWay), patience])
  cancel(timer)
}

/** To be called when a body is over. */
export function bodyIsOver(): void {
  if (isBusy()) return
  for (const resume of [...waiting]) resume()
}

function isBusy(): boolean {
  for (const { body } of bracketState().active) if (body.state === 'running') return true
  return false
}

function quiet(): Promise<void> {
  return new Promise((resolve) => {
    const resume = () => {
      cancel(timer)
      waiting.delete(resume)
      resolve()
    }
    const timer = later(resume, LONGEST)
    waiting.add(resume)
  })
}
