import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5'
import { expect, test } from 'vitest'
import { findProfile, type KeptProfile } from '../../../src/core/report/html/link.js'
import { page } from '../../../src/core/report/html/page.js'
import { writePage } from '../../../src/core/report/html/write-page.js'
import type { TestOutcome } from '../../../src/core/report/outcome.js'
import { printable } from '../../../src/core/text/printable.js'
import { folderWith } from '../../support/command-line.js'
import { anyOutcome, FULL, hostile, outcome, site, summaryOf } from './outcomes.js'

const NOW = new Date('2026-01-02T03:04:05Z')
const NONE: KeptProfile = { page: undefined, fileBase: undefined }

function pageOf(outcomes: readonly TestOutcome[], kept: KeptProfile = NONE, project = 'shop'): string {
  return page(summaryOf(outcomes), { project, now: NOW, findProfile: () => kept })
}

/** All elements, in the order of the document. */
function elements(node: Tree.ParentNode): Tree.Element[] {
  const found: Tree.Element[] = []
  const left: Tree.ChildNode[] = [...node.childNodes].reverse()
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if ('tagName' in next) found.push(next)
    if ('childNodes' in next) left.push(...[...next.childNodes].reverse())
  }
  return found
}

function textOf(node: Tree.ParentNode): string {
  const inside = node.childNodes.map((child) =>
    'value' in child ? child.value : 'childNodes' in child ? textOf(child) : '',
  )
  return inside.join('')
}

const attribute = (element: Tree.Element, name: string) =>
  element.attrs.find((each) => each.name === name)?.value

function errorsOf(text: string): string[] {
  const errors: string[] = []
  parse(text, { onParseError: ({ code, startLine }) => errors.push(`${code} in line ${startLine}`) })
  return errors
}

test('says of which tests the lines are a part, and why', () => {
  const why =
    'Lines are those up to where the test recorded something itself, or a matcher in it looked for lines.'
  const text = (partial?: true) => textOf(parse(pageOf([outcome('one', { partial, sites: [site()] })])))
  expect(text(true)).toContain(why)
  expect(text()).not.toContain(why)
})

test('has a table of limits, of tests and of lines', () => {
  const text = pageOf(FULL)
  expect(errorsOf(text)).toEqual([])
  const all = elements(parse(text))
  const headings = all.filter(({ tagName }) => /^h[12]$/.test(tagName)).map(textOf)
  expect(headings).toEqual([
    'Memory of the tests of shop',
    'Limits: 1 exceeded, 1 near, 1 cannot tell',
    'Tests',
    'Lines',
    'Not measured',
  ])
  const heads = all
    .filter(({ tagName }) => tagName === 'thead')
    .map((head) => elements(head).slice(1).map(textOf))
  expect(heads).toEqual([
    ['', 'measured', 'limit', 'kind', 'test, and its heaviest line'],
    ['allocated', 'retained', '', 'test'],
    ['self', 'total', 'line'],
    ['self', 'total', 'line'],
    ['self', '±', 'total', 'tests', 'function and line'],
  ])
  const tests = all.filter(({ tagName }) => tagName === 'summary').map(textOf)
  expect(tests).toEqual([
    'imports > a large feed test/feed.test.ts:12',
    'imports > a small feed test/feed.test.ts:12',
  ])
})

test('can be used without a mouse, and without colours', () => {
  const all = elements(parse(pageOf(FULL)))
  const ids = all.map((element) => attribute(element, 'id')).filter((id) => id !== undefined)
  expect(ids).toEqual([...new Set(ids)])
  const links = all.filter(({ tagName }) => tagName === 'a').map((link) => attribute(link, 'href'))
  expect(links).toEqual(ids.map((id) => `#${id}`)) // every section can be gone to
  for (const head of all.filter(({ tagName }) => tagName === 'th'))
    expect(attribute(head, 'scope')).toBe('col')
  // What is red is said in words as well.
  const red = all.filter((element) => attribute(element, 'class') === 'bad').map(textOf)
  expect(red).toEqual(['exceeded', 'cannot tell', 'failed'])
  for (const picture of all.filter(({ tagName }) => tagName === 'svg')) {
    expect(attribute(picture, 'aria-hidden')).toBe('true')
  }
})

test('names are text: they change nothing of the page around them', () => {
  const named = (name: string) =>
    pageOf(
      [
        outcome(
          name,
          {
            sites: [site({ function: name, file: name })],
            samplingInterval: 1,
            certainty: 'approximate',
            reason: name,
          },
          { file: name, project: name },
        ),
        outcome(name, { certainty: 'unknown', reason: name }),
      ],
      { page: './x.html', fileBase: name },
      name,
    )
  const shape = (text: string) =>
    elements(parse(text)).map(({ tagName, attrs }) => [tagName, attrs.map((each) => each.name)])
  const plain = shape(named('a'))
  fc.assert(
    fc.property(hostile, (name) => {
      fc.pre(name !== '') // an empty reason or project is left out
      const text = named(name)
      expect(shape(text)).toEqual(plain)
      const names = elements(parse(text))
        .filter(({ tagName }) => tagName === 'bdi')
        .map(textOf)
      expect(names.filter((each) => each === normal(printable(name))).length).toBeGreaterThanOrEqual(5)
    }),
    { numRuns: 300 },
  )
})

/** Parsers of HTML read some characters as others: nothing that a name can do harm with. */
function normal(text: string): string {
  return text.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd')
}

test('asks for nothing and runs nothing, whatever the tests are', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { maxLength: 10 }), (outcomes) => {
      const all = elements(parse(pageOf(outcomes)))
      for (const { tagName, attrs } of all) {
        expect(['script', 'img', 'iframe', 'link', 'base', 'form', 'object']).not.toContain(tagName)
        for (const { name, value } of attrs) {
          expect(name).not.toMatch(/^on|^style$|^src$/)
          if (name === 'href') expect(value).toMatch(/^#[a-z]+$/)
        }
      }
    }),
  )
})

test('links to the report of a test when there is one, and never outside of the project', () => {
  const root = folderWith()
  const home = join(root, '.heapproof')
  const outside = folderWith({ 'secret.html': '', 'secret.hpm': '' })
  mkdirSync(join(home, 'a test.ts'), { recursive: true })
  for (const name of ['kept.hpm', 'both.hpm', 'both.html', 'java#?.html']) {
    writeFileSync(join(home, 'a test.ts', name), '')
  }
  symlinkSync(join(outside, 'secret.html'), join(home, 'away.html'))
  const kept = (profile: string) => findProfile(profile, root, home)
  expect(kept('.heapproof/a test.ts/kept')).toEqual({
    page: undefined,
    fileBase: '.heapproof/a test.ts/kept',
  })
  expect(kept('.heapproof/a test.ts/both')).toEqual({
    page: './a%20test.ts/both.html',
    fileBase: '.heapproof/a test.ts/both',
  })
  expect(kept('.heapproof/a test.ts/java#?').page).toBe('./a%20test.ts/java%23%3F.html')
  for (const profile of [
    '.heapproof/gone',
    '.heapproof/away',
    join(outside, 'secret'),
    `../${outside}/secret`,
    '',
  ]) {
    expect(kept(profile), profile).toEqual(NONE)
  }
})

test('shows the command that opens a profile', () => {
  const [first] = FULL as [TestOutcome]
  const fileBase = '.heapproof/a b'
  const text = pageOf([first], { page: './a/b.html', fileBase })
  expect(text).toContain('<a href="./a/b.html">Report page of this test</a>')
  expect(text).toContain('<code>npx heapproof top &#39;.heapproof/a b&#39;</code>')
  const without = pageOf([first], { page: undefined, fileBase })
  expect(without).toContain('<code>npx heapproof report &#39;.heapproof/a b&#39;</code>')
})

test('takes the place of the former page, whole or not at all', () => {
  const root = folderWith()
  const home = join(root, '.heapproof')
  writePage(home, summaryOf([outcome('first')]), { root, now: NOW })
  writePage(home, summaryOf([outcome('second')]), { root, now: NOW })
  expect(readdirSync(home).sort()).toEqual(['.gitignore', 'index.html'])
  const text = readFileSync(join(home, 'index.html'), 'utf8')
  expect(text).toContain('second')
  expect(text).not.toContain('first')
})

test('of ten thousand tests it shows those that matter, and how many more there are', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => outcome(`test ${index}`, { allocated: index }))
  const text = pageOf(many)
  expect(text).toContain('test 9999')
  expect(text).not.toContain('test 7999<')
  expect(text).toContain('8,000 more are not shown.')
  expect(text.length).toBeLessThan(2_000_000)
})

test('of an empty project there is still a page', () => {
  const text = pageOf([])
  expect(errorsOf(text)).toEqual([])
  expect(textOf(parse(text))).toContain('no test could be measured')
})
