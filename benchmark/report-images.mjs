// node benchmark/report-images.mjs: draws the images of docs/report-page.md and docs/pictures.md that are pages anew, of a
// program that is recorded for them.
// Needs a build, and Chromium: HEAPPROOF_BROWSER names one, else chromium-headless-shell in the path.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { root } from '../native/build/source-digest.mjs'

const PROGRAM = `import { createHash } from 'node:crypto'

function readFeed() {
  return 'id,name;price, stock\\n'.repeat(2500)
}

function parseRow(line) {
  return line.split(/[ ,;]/).map((word) => ({ word, length: word.length }))
}

function parse(text) {
  const rows = []
  for (const line of text.split('\\n')) rows.push(parseRow(line))
  return rows
}

class Cache {
  entries = []
  set(key, value) {
    this.entries.push({ key, value: [...value] })
    if (this.entries.length > 60) this.entries.shift()
  }
}

function checksum(text) {
  const hash = createHash('sha256')
  for (let part = 0; part < 20; part++) hash.update(Buffer.from(text.slice(0, 20_000)))
  return hash.digest('hex')
}

function importFeed(cache, round) {
  const text = readFeed()
  const rows = parse(text)
  if (round % 3 === 0) cache.set(checksum(text), rows.slice(0, 400))
}

const cache = new Cache()
for (let round = 0; round < 180; round++) {
  importFeed(cache, round)
  if (round === 110) cache.entries.length = 0
  await new Promise((resolve) => setTimeout(resolve, 2))
}
`

const folder = mkdtempSync(join(tmpdir(), 'heapproof-images-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}

async function main() {
  writeFileSync(join(folder, 'feed.mjs'), PROGRAM)
  heapproof('run', '-o', 'feed', '--interval', '8KiB', '--', 'feed.mjs')
  heapproof('report', 'feed')
  heapproof('flame', 'feed', '-o', 'flame-page.html')
  heapproof('diff', 'feed', '--at', 'peak', '--to', 'end', '--flame', 'flame-diff.html')
  const executablePath = process.env.HEAPPROOF_BROWSER ?? 'chromium-headless-shell'
  const browser = await chromium.launch({
    executablePath: executablePath.includes('/') ? executablePath : join('/usr/bin', executablePath),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    for (const [colorScheme, view] of [
      ['light', 'flame'],
      ['dark', 'flow'],
    ]) {
      const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, colorScheme })
      await page.goto(pathToFileURL(join(folder, 'feed.html')).href)
      await page.click(`#tab-${view}`)
      await page.waitForSelector(`#view-${view}:not([hidden]) :is(canvas, svg)`)
      const path = join(root, `docs/images/report-${view}.png`)
      const { y, height } = await page.locator('#app').boundingBox()
      await page.screenshot({ path, fullPage: true, clip: { x: 0, y, width: 1100, height: height + 24 } })
    }
    for (const [colorScheme, name] of [
      ['light', 'flame-page'],
      ['dark', 'flame-diff'],
    ]) {
      const page = await browser.newPage({ viewport: { width: 1100, height: 300 }, colorScheme })
      await page.goto(pathToFileURL(join(folder, `${name}.html`)).href)
      await page.waitForSelector('#app:not([hidden])')
      await page.getByRole('application').focus()
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key)
      if (name === 'flame-page') await page.getByText('Callers and callees').click()
      await page.screenshot({ path: join(root, `docs/images/${name}.png`), fullPage: true })
    }
  } finally {
    await browser.close()
  }
}

function heapproof(...args) {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli.cjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}
