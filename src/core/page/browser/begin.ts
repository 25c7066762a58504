import { byId } from './dom.js'

/** Begins a page, whose data stand in it; says what is wrong when that cannot be. Runs behind everything else of it. */
export function begin<Data>(read: (base64: string) => Promise<Data>, show: (data: Data) => void): void {
  start(read, show).catch((error: unknown) => {
    const problem = byId('problem')
    problem.textContent =
      typeof DecompressionStream === 'undefined'
        ? 'This browser is too old for this page: it needs DecompressionStream, which Chrome has since 80, Firefox since 113 and Safari since 16.4.'
        : `The data of this page cannot be shown: ${error instanceof Error ? error.message : String(error)}`
    problem.hidden = false
  })
}

async function start<Data>(
  read: (base64: string) => Promise<Data>,
  show: (data: Data) => void,
): Promise<void> {
  const data = await read(byId('data').textContent ?? '')
  byId('app').hidden = false
  show(data)
  // Behind the first picture of all of it: benchmark/page.mjs reads when that was.
  requestAnimationFrame(() => setTimeout(() => performance.mark('heapproof:drawn')))
}
