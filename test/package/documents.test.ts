import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { lexer, type Token, walkTokens } from 'marked'
import { describe, expect, test } from 'vitest'
import { CLI } from '../support/command-line.js'

const root = dirname(dirname(CLI))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Every page of the repository, by its path in it. */
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples', 'native', 'test', 'benchmark'].flatMap((folder) => pagesBelow(folder)),
]

function pagesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|\.\w+)$/.test(entry.name) ? [] : pagesBelow(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

/** What each page is made of, every thing with all that is inside it. */
const parsed = new Map(
  pages.map((page) => {
    const tokens: Token[] = []
    void walkTokens(lexer(textOf(page)), (token) => {
      tokens.push(token)
    })
    return [page, tokens]
  }),
)

/** The anchors of a page, as GitHub makes them of its headings. */
function anchors(page: string): string[] {
  return (parsed.get(page) ?? []).flatMap((token) =>
    token.type === 'heading'
      ? [
          (token.text as string)
            .replaceAll(/[`*]/g, '')
            .toLowerCase()
            .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
            .replaceAll(' ', '-'),
        ]
      : [],
  )
}

/** A page's links inside the repository that lead nowhere. */
function brokenLinks(page: string): string[] {
  const targets = (parsed.get(page) ?? []).flatMap((token) =>
    token.type === 'link' || token.type === 'image' ? [token.href as string] : [],
  )
  return targets.filter((target) => {
    if (/^[a-z]+:/i.test(target)) return false
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? page : relative(root, join(root, dirname(page), path))
    if (file.startsWith('..') || !existsSync(join(root, file))) return true
    return anchor !== undefined && !anchors(file).includes(anchor)
  })
}

/** Files of the reader's own, in examples of commands. */
const THEIRS = ['examples/app']

/** Files of the repository that a page names, in text or in commands, and that are not there. */
function missingFiles(page: string): string[] {
  const folders = 'benchmark|docs|examples|native|src/(?:core|jest|vitest)|test/(?:cli|core|e2e|native)'
  const named = textOf(page).matchAll(new RegExp(`(?<![\\w./-])(?:${folders})/[\\w./-]*\\w`, 'g'))
  return [...named]
    .map(([path]) => path)
    .filter((path) => !THEIRS.includes(path) && !existsSync(join(root, path)))
}

/** Scripts of package.json that a page says to run, and that are not there. */
function missingScripts(page: string): string[] {
  const named = textOf(page).matchAll(/\bnpm run ([\w:-]+)/g)
  return [...named].map(([, name]) => name as string).filter((name) => !(name in manifest.scripts))
}

test('there are pages, and what is looked for is in them', () => {
  expect(pages.length).toBeGreaterThan(30)
  const links = [...parsed.values()].flat().filter(({ type }) => type === 'link')
  expect(links.length).toBeGreaterThan(80)
})

describe.each(pages)('%s', (page) => {
  test('every link leads somewhere', () => {
    expect(brokenLinks(page)).toEqual([])
  })

  test('every file and script that it names is there', () => {
    expect({ files: missingFiles(page), scripts: missingScripts(page) }).toEqual({ files: [], scripts: [] })
  })
})

test('from the README every page of docs is one click away', () => {
  const linked = (parsed.get('README.md') ?? []).flatMap((token) =>
    token.type === 'link' ? [token.href] : [],
  )
  const docs = pages.filter((page) => page.startsWith('docs/') && statSync(join(root, page)).isFile())
  expect(docs.filter((page) => !linked.includes(page))).toEqual([])
})
