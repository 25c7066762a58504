import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeInBrowser, launch } from '../../support/chromium.js'
import { ALLOCATING, folderWith, heapproof } from '../../support/command-line.js'
import { LogBuilder, logFolder, writeLog } from '../../support/log-builder.js'
import { answer, settled, withPage } from './open-page.js'
import { knownRecording } from './recording.js'

/** Names that would do something if they were anything but text. */
const HOSTILE = [
  '</script><script>window.taken = 1</script>',
  '<img src=x onerror="window.taken = 2">',
  '<!-- <script>',
  '\'"]]>&amp;`window.taken = 3`',
  'line\u2028break\u2029 and \u001b[31mred',
  'turned \u202egnp.exe',
] as const

/** Of each what has to be there, as it is. */
const TEXTS = [
  'window.taken = 1</script>',
  'onerror="window.taken = 2"',
  '<!-- <script>',
  '&amp;`window',
  'line break and \\u{1b}[31mred',
  'turned \\u{202e}gnp.exe',
]

describeInBrowser('the report page of odd profiles', () => {
  const folder = logFolder()
  let browser: Browser

  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    folder.remove()
  })

  test('names are text, whatever is in them', async () => {
    const builder = new LogBuilder({ startTime: 1.7e12, command: ['node', HOSTILE[0]], node: HOSTILE[1] })
    builder.events.sampling(0, 'heap', 0)
    HOSTILE.forEach((name, index) => {
      const trace = builder.trace([
        { function: name, url: `/app/${name}.js`, line: 1 + index },
        { function: HOSTILE[0], url: '/app/main.js', line: 9 },
      ])
      builder.events.alloc(index * 1000, trace, 1e6)
    })
    builder.events.end(10_000, HOSTILE[1])
    const base = builder.write(folder.base('hostile'))
    const look = async (page: Parameters<Parameters<typeof withPage>[2]>[0]) => {
      for (const view of ['flow', 'lines']) {
        await page.click(`#tab-${view}`)
        await settled(page)
        const text = await page.textContent(`#view-${view}`)
        // A flow graph cuts long names.
        for (const part of view === 'lines' ? TEXTS : ['<img src=x', 'turned']) expect(text).toContain(part)
      }
      await page.click(`button.name:has-text("onerror")`)
      await settled(page)
      expect(await page.textContent('#line-title')).toBe(HOSTILE[1])
      await page.click('#tab-flame')
      await page.hover('#flame canvas', { position: { x: 50, y: 50 } })
      expect(await page.textContent('header')).toContain(HOSTILE[0])
      expect(await page.textContent('h1')).toBe(`Memory of ${HOSTILE[1]}`)
      expect(await page.evaluate(() => 'taken' in window)).toBe(false)
      expect(await page.locator('img').count()).toBe(0)
    }
    await withPage(browser, base, look, { title: HOSTILE[1] })
    expect(readFileSync(`${base}.html`, 'utf8')).not.toContain('window.taken = 1</script>')
  })

  test('an empty one', async () => {
    const base = new LogBuilder().write(folder.base('empty'))
    await withPage(browser, base, async (page) => {
      for (const view of ['flame', 'lines', 'flow', 'line']) {
        await page.click(`#tab-${view}`)
        expect(await answer(page)).toMatch(/^0 B allocated/)
      }
      await page.getByRole('slider', { name: 'End of the span' }).focus()
      for (const key of ['ArrowLeft', 'PageUp', 'Home', 'End']) await page.keyboard.press(key)
      expect(await page.textContent('.notices')).toContain('the recording was cut short')
    })
  })

  test('one that was cut, even before its header', async () => {
    const builder = new LogBuilder()
    const known = knownRecording(folder.base('whole'), builder)
    const [hpm, hpd] = [readFileSync(`${known}.hpm`), readFileSync(`${known}.hpd`)]
    const cut = writeLog(folder.base('cut'), hpm, hpd.subarray(0, hpd.length - 3))
    await withPage(browser, cut, async (page) => {
      expect(await page.textContent('.notices')).toMatch(
        /the recording was cut short; \d+ bytes of an unfinished block left out/,
      )
    })
    const nothing = writeLog(folder.base('nothing'), hpm.subarray(0, 10), hpd.subarray(0, 30))
    await withPage(browser, nothing, async (page) => {
      expect(await answer(page)).toMatch(/^0 B allocated/)
      expect(await page.textContent('header')).toContain('the recording was cut before it said more')
    })
  })

  test('a real one, by the command line, with lines of its source', async () => {
    const root = folderWith({ 'script.js': ALLOCATING })
    heapproof(['run', '-o', 'real', '--interval', '4096', '--', 'script.js'], { cwd: root })
    const { code, stderr } = heapproof(['report', 'real'], { cwd: root })
    expect(stderr).toBe('heapproof: report in real.html\n')
    expect(code).toBe(0)
    const context = await browser.newContext()
    const complaints: string[] = []
    const page = await context.newPage()
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(`file://${root}/real.html`)
    await page.waitForSelector('#app:not([hidden])')
    await page.click('#tab-lines')
    await settled(page)
    const row = page.locator('tr', { has: page.locator('button.name', { hasText: /^fill$/ }) })
    expect(await row.locator('.place').textContent()).toBe('script.js:3')
    expect(await row.locator('.source').textContent()).toMatch(/^function fill\(\) \{ for/)
    expect(complaints).toEqual([])
    await context.close()
  })
})
