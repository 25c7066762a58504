import { readData } from './data.js'
import { byId } from './dom.js'
import { Page } from './page.js'

// Runs behind everything else of the page.
start().catch((error: unknown) => {
  const problem = byId('problem')
  problem.textContent =
    typeof DecompressionStream === 'undefined'
      ? 'This browser is too old for this page: it needs DecompressionStream, which Chrome has since 80, Firefox since 113 and Safari since 16.4.'
      : `The data of this page cannot be shown: ${error instanceof Error ? error.message : String(error)}`
  problem.hidden = false
})

async function start(): Promise<void> {
  const data = await readData(byId('data').textContent ?? '')
  byId('app').hidden = false
  new Page(data)
  // Behind the first picture of all of it: benchmark/page.mjs reads when that was.
  requestAnimationFrame(() => setTimeout(() => performance.mark('heapproof:drawn')))
}
