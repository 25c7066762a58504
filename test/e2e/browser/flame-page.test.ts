import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diffFlameGraphs } from '../../../src/core/flamegraph/diff.js'
import { type FlameGraphOptions, flameGraph } from '../../../src/core/flamegraph/flame-graph.js'
import { flameDiffHtml, flameHtml } from '../../../src/core/page/flame-html.js'
import { read } from '../../../src/core/reader.js'
import { describeInBrowser, launch } from '../../support/chromium.js'
import { folderWith, heapproof } from '../../support/command-line.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'
import { expectColours, expectFitting, LOOKS, settled, withFile } from './open-page.js'
import { knownRecording } from './recording.js'

const FEED = fileURLToPath(new URL('../../fixtures/feed', import.meta.url))

describeInBrowser('a flame graph as a page', () => {
  const folder = logFolder()
  let browser: Browser
  let path: string
  let diff: string

  beforeAll(async () => {
    browser = await launch()
    const base = knownRecording(folder.base('feed'))
    path = written('flame.html', flameHtml(graphOf(base), { title: 'Flame graph of feed', root: '/app' }))
    const [early, late] = [graphOf(base, { at: 0.4 }), graphOf(base, { value: 'live' })]
    diff = written('diff.html', flameDiffHtml(diffFlameGraphs(early, late), { root: '/app' }))
  })
  afterAll(async () => {
    await browser?.close()
    folder.remove()
  })

  function graphOf(base: string, options?: FlameGraphOptions): ReturnType<typeof flameGraph> {
    using reader = read(base)
    return flameGraph(reader, options)
  }

  function written(name: string, html: string): string {
    writeFileSync(folder.base(name), html)
    return folder.base(name)
  }

  /** The texts in an element, as one line. */
  const words = async (page: Page, selector: string) => {
    await settled(page)
    const texts = await page.locator(selector).evaluate((box) => {
      const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT)
      const found: string[] = []
      while (walker.nextNode()) found.push(walker.currentNode.textContent ?? '')
      return found
    })
    return texts.join(' ').replace(/\s+/g, ' ').trim()
  }
  /** What is said of the box that was chosen. */
  const chosen = async (page: Page) => (await words(page, '#chosen')).replace(' Callers and callees', '')
  const scroll = (page: Page) => page.getByRole('application', { name: /^Flame graph/ })

  test('says what it is of, and what each box is', async () => {
    await withFile(browser, path, async (page) => {
      expect(await page.title()).toBe('Flame graph of feed')
      expect(await words(page, 'header')).toBe('Flame graph of feed 7 MB allocated, estimated from samples')
      expect(await chosen(page)).toBe('All: 7 MB, 100 %')
      await page.hover('#flame canvas', { position: { x: 100, y: 50 } })
      expect(await words(page, '#flame .tip')).toMatch(/^readAll src\/feed.js:3 4 MB, 57 %$/)
      await page.click('#flame canvas', { position: { x: 100, y: 50 } })
      expect(await chosen(page)).toBe('readAll src/feed.js:3 4 MB, 57 %')
      await page.hover('#flame canvas', { position: { x: 1150, y: 50 } }) // it is as wide as the graph now
      expect(await words(page, '#flame .tip')).toMatch(/^readAll/)
      await page.click('#flame-out')
      expect(await chosen(page)).toBe('All: 7 MB, 100 %')
    })
  })

  test('is used without a mouse', async () => {
    await withFile(browser, path, async (page) => {
      for (let press = 0; press < 5; press++) await page.keyboard.press('Tab')
      expect(await scroll(page).evaluate((box) => box === document.activeElement)).toBe(true)
      const keys = ['ArrowDown', 'ArrowDown', 'ArrowRight', 'Enter', 'Escape', 'Home'] as const
      const said: string[] = []
      for (const key of keys) {
        await page.keyboard.press(key)
        said.push((await chosen(page)).split(' ')[0] ?? '')
      }
      expect(said).toEqual(['main', 'readAll', 'set', 'set', 'main', 'All:'])
      await page.keyboard.press('ArrowDown')
      await chosen(page)
      await page.keyboard.press('Shift+Tab')
      await page.keyboard.press('Enter')
      await settled(page)
      expect(await words(page, '#line-title')).toBe('main')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('line-title')
    })
  })

  test('shows callers and callees of a line, and goes from one to the next', async () => {
    await withFile(browser, path, async (page) => {
      expect(await page.isVisible('#line')).toBe(false)
      await page.click('#flame canvas', { position: { x: 600, y: 30 } })
      await page.click('text=Callers and callees')
      const line = () => words(page, '#line')
      expect(await line()).toBe(
        'main src/feed.js:40 7 MB at it and in what it calls ' +
          'Called by bytes called by 7 MB 100 % nothing: it is where the stack begins ' +
          'Calls bytes calls 4 MB 57 % readAll src/feed.js:3 ' +
          '2 MB 29 % set node_modules/cache/index.js:14 1 MB 14 % parseRow src/feed.js:12',
      )
      await page.click('#line button:has-text("parseRow")')
      expect(await line()).toMatch(
        /^parseRow src\/feed.js:12 1 MB .* 1 MB 100 % main .* nothing: it allocates/,
      )
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('line-title')
    })
  })

  test('can be turned over, searched, and shown with the frames of Node', async () => {
    await withFile(browser, path, async (page) => {
      await page.check('#inner')
      await settled(page)
      await scroll(page).focus()
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key)
      expect(await chosen(page)).toMatch(/^Map 2 MB, 29 %/)
      await page.uncheck('#inner')
      await page.check('#inverted')
      await settled(page)
      await scroll(page).focus()
      await page.keyboard.press('ArrowDown')
      expect(await chosen(page)).toMatch(/^readAll /)
      await page.keyboard.press('ArrowDown')
      expect(await chosen(page)).toMatch(/^main /)
      const picture = () =>
        page.locator('#flame canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())
      await page.focus('#search')
      const plain = await picture()
      await page.fill('#search', 'READALL')
      await settled(page)
      expect((await picture()) === plain).toBe(false)
      await page.fill('#search', '')
      await settled(page)
      expect((await picture()) === plain).toBe(true)
    })
  })

  test('of a difference: what shrank to nothing is seen too', async () => {
    await withFile(browser, diff, async (page) => {
      expect(await page.title()).toBe('Flame graph')
      expect(await words(page, 'header')).toBe(
        'Flame graph \u22122.5 MB , estimated from samples. Before: 5 MB live at 0.4 s; after: 2.5 MB live at the end.',
      )
      expect(await words(page, '#kinds')).toMatch(/^grew shrank the same$/)
      await page.click('#flame canvas', { position: { x: 100, y: 50 } })
      expect(await chosen(page)).toBe('readAll src/feed.js:3 \u22124 MB: 4 MB before, 0 B after')
      await page.click('text=Callers and callees')
      expect(await words(page, '#line')).toContain('\u22124 MB: 4 MB before, 0 B after')
    })
  })

  test('names are text, whatever is in them; an empty one says so', async () => {
    const hostile = '</script><script>window.taken = 1</script><img src=x onerror="window.taken = 2">'
    const builder = new LogBuilder()
    builder.events.sampling(0, 'heap', 0)
    builder.events.alloc(0, builder.trace([{ function: hostile, url: `/app/${hostile}.js`, line: 1 }]), 1e6)
    builder.events.end(10_000, '')
    const page = written(
      'hostile.html',
      flameHtml(graphOf(builder.write(folder.base('hostile'))), { title: hostile }),
    )
    expect(readFileSync(page, 'utf8')).not.toContain('window.taken = 1</script>')
    await withFile(browser, page, async (page) => {
      expect(await words(page, 'h1')).toBe(hostile)
      await page.click('#flame canvas', { position: { x: 100, y: 30 } })
      expect(await chosen(page)).toContain(hostile)
      await page.click('text=Callers and callees')
      expect(await page.evaluate(() => 'taken' in window)).toBe(false)
      expect(await page.locator('img').count()).toBe(0)
    })
    const empty = written('empty.html', flameHtml(graphOf(new LogBuilder().write(folder.base('empty')))))
    await withFile(browser, empty, async (page) => {
      expect(await chosen(page)).toBe('All: 0 B, 0 %')
      await scroll(page).focus()
      for (const key of ['ArrowDown', 'ArrowRight', 'Enter', 'Escape']) await page.keyboard.press(key)
      expect(await chosen(page)).toBe('All: 0 B, 0 %')
    })
  })

  test.each(LOOKS)('fits %i pixels, in the colours of a %s screen', async (width, colours) => {
    const look = async (page: Page) => {
      await page.click('#flame canvas', { position: { x: 60, y: 50 } })
      await page.click('text=Callers and callees')
      await settled(page)
      await expectFitting(page, width)
      await expectColours(page, colours)
    }
    for (const file of [path, diff]) await withFile(browser, file, look, { width, colours })
  })

  test('of a recorded program, by the command line', async () => {
    const cwd = folderWith()
    for (const extension of ['hpm', 'hpd'])
      for (const name of ['feed', 'twin'])
        copyFileSync(`${FEED}.${extension}`, join(cwd, `${name}.${extension}`))
    const page = heapproof(['flame', 'feed', 'twin', '-o', 'flame.html'], { cwd })
    expect(page).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect(heapproof(['flame', 'feed', 'twin', '--format', 'html'], { cwd }).stdout).toBe(
      readFileSync(join(cwd, 'flame.html'), 'utf8'),
    )
    await withFile(browser, join(cwd, 'flame.html'), async (page) => {
      expect(await words(page, 'header')).toBe(
        'Flame graph of feed and 1 other profile 89 MB allocated, estimated from samples',
      )
    })
    const { code } = heapproof(
      ['diff', 'feed', 'twin', '--at', '0.3', '--to', 'end', '--flame', 'diff.html'],
      { cwd },
    )
    expect(code).toBe(0)
    await withFile(browser, join(cwd, 'diff.html'), async (page) => {
      expect(await words(page, 'header')).toBe(
        'Flame graph of twin against feed \u22122.77 MB , estimated from samples. Before: 11.2 MB live at 0.3 s; after: 8.39 MB live at the end.',
      )
    })
  })
})
