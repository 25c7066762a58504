// node benchmark/page.mjs: how long a report page takes to write, to show itself, and to follow its slider.
//
//   --events N    samples and frees in the recording (default 1,000,000)
//   --traces N    stacks in it, no two of which share a call (default 20,000)
//   --moves N     moves of the slider for each view (default 20)
//   --markdown    only the table
//
// Needs dist/ (npm run build), and Chromium: HEAPPROOF_BROWSER names one, else that of the system.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { build } from 'tsup'
import { writeReport } from '../dist/index.js'
import { writeRecording } from './reading/recording.mjs'
import { markdown } from './table.mjs'

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    traces: { type: 'string', default: '20000' },
    moves: { type: 'string', default: '20' },
    markdown: { type: 'boolean', default: false },
  },
})
const [events, traces, moves] = [options.events, options.traces, options.moves].map(Number)
const folder = mkdtempSync(join(tmpdir(), 'heapproof-page-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}

async function main() {
  const here = fileURLToPath(new URL('.', import.meta.url))
  await build({
    entry: { library: join(here, 'reading/library.ts') },
    outDir: folder,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    outExtension: () => ({ js: '.mjs' }),
    silent: true,
    config: false,
    splitting: false,
  })
  const library = await import(pathToFileURL(join(folder, 'library.mjs')).href)
  const base = join(folder, 'recording')
  writeRecording(base, { library, events, traces })
  const path = join(folder, 'report.html')
  const before = process.cpuUsage()
  writeReport(path, base)
  const { user, system } = process.cpuUsage(before)
  const rows = [['write the page, processor time', `${((user + system) / 1e6).toFixed(1)} s`]]
  rows.push(['size of the page', `${(statSync(path).size / 1e6).toFixed(1)} MB`])

  const browser = await chromium.launch({
    executablePath: browserPath(),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(pathToFileURL(path).href)
    await page.waitForFunction(() => performance.getEntriesByName('heapproof:drawn').length > 0)
    const [paint, drawn] = await page.evaluate(() => [
      performance.getEntriesByName('first-contentful-paint')[0].startTime,
      performance.getEntriesByName('heapproof:drawn')[0].startTime,
    ])
    rows.push(['first paint: the numbers', `${Math.round(paint)} ms`])
    rows.push(['everything drawn', `${Math.round(drawn)} ms`])
    for (const view of ['flame', 'lines', 'flow']) {
      await page.click(`#tab-${view}`)
      await page.waitForSelector(`#view-${view}:not([hidden])`)
      const times = await page.evaluate(moveSlider, moves)
      times.sort((a, b) => a - b)
      const [median, most] = [times[Math.floor(times.length / 2)], times.at(-1)]
      rows.push([`a move of the slider, ${view}`, `${Math.round(median)} ms, at most ${Math.round(most)} ms`])
    }
  } finally {
    await browser.close()
  }
  const table = markdown([['', 'took'], ...rows])
  if (options.markdown) console.log(table)
  else console.log(`${events} events, ${traces} stacks, Node ${process.version}\n\n${table}`)
}

/** In the page: presses a key on the end of the span, and waits until the next picture is there. */
async function moveSlider(moves) {
  const thumb = document.querySelectorAll('[role=slider]')[1]
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
  const times = []
  for (let move = 0; move < moves; move++) {
    await frame()
    const began = performance.now()
    thumb.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageDown', bubbles: true }))
    await frame()
    await new Promise((resolve) => setTimeout(resolve)) // behind layout and paint
    times.push(performance.now() - began)
  }
  thumb.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }))
  await frame()
  return times
}

function browserPath() {
  const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = names.flatMap((name) => folders.map((at) => join(at, name))).find((path) => existsSync(path))
  return process.env.HEAPPROOF_BROWSER ?? found
}
