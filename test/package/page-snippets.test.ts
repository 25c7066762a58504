import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { CLI, folderWith, node } from '../support/command-line.js'
import { FEED } from '../support/feed.js'

const root = dirname(dirname(CLI))
const docs = join(root, 'docs')

/** What the snippets take for granted. */
const GRANTED = `
const kept = []
const work = async () => { for (let i = 0; i < 100_000; i++) kept.push({ i }) }
const warmUp = async () => {}
`

/** Profiles that the snippets open, and folders that they write to. */
const PROFILES = ['profiles/build', 'profiles/import', 'profiles/last-week', 'before', 'after', 'run']
const SHARDS = ['shard1/out', 'shard2/out']

/** Programs of the pages: those that import heapproof, and are no tests. */
const snippets = readdirSync(docs)
  .filter((name) => name.endsWith('.md'))
  .flatMap((page) => {
    const blocks = readFileSync(join(docs, page), 'utf8').matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)
    return [...blocks]
      .map(([, text]) => text as string)
      .filter((text) => /from 'heapproof'/.test(text) && !/^test\(/m.test(text))
      .map((text, index) => ({ page, number: index + 1, text }))
  })

function surroundings(): string {
  const cwd = folderWith()
  mkdirSync(join(cwd, 'node_modules/@viz-js'), { recursive: true })
  symlinkSync(root, join(cwd, 'node_modules/heapproof'), 'junction')
  symlinkSync(join(root, 'node_modules/@viz-js/viz'), join(cwd, 'node_modules/@viz-js/viz'), 'junction')
  const copy = (from: string, to: string, extensions: readonly string[]) => {
    mkdirSync(dirname(join(cwd, to)), { recursive: true })
    for (const extension of extensions) copyFileSync(`${from}.${extension}`, join(cwd, `${to}.${extension}`))
  }
  for (const base of [...PROFILES, ...SHARDS]) copy(FEED, base, ['hpm', 'hpd'])
  const python = fileURLToPath(new URL('../core/heapprof/fixtures/default', import.meta.url))
  copy(python, 'python-run', ['hpm', 'hpd', 'hpc'])
  return cwd
}

test('there are snippets', () => {
  expect(snippets.length).toBeGreaterThan(10)
})

test.each(snippets)('$page, snippet $number, runs as it is written', ({ text }) => {
  const cwd = surroundings()
  // Node 20 does not know `using`.
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  writeFileSync(
    join(cwd, 'snippet.mjs'),
    ts.transpileModule(GRANTED + text, { compilerOptions: options }).outputText,
  )
  const { code, stderr } = node(['snippet.mjs'], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})
