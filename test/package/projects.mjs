// The projects that the package is tried in: each is the README's first example, in the runner's own language.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { blockWith, fileOf, plain } from './readme.mjs'
import * as snippets from './snippets.mjs'

const SOURCE = 'src/feed.ts'
const TEST = 'test/feed.test.ts'
const MATCHERS = 'test/matchers.test.ts'

/** The README's message, without those of its lines that are shown or not by chance: the last ones of the table. */
function message(readme) {
  const lines = blockWith(readme, 'expect(received).toAllocateLessThan').split('\n')
  const table = lines.findIndex((line) => line.includes(' total'))
  const end = lines.findIndex((line) => line.includes('Profile:'))
  return [lines.slice(0, table + 1), lines.slice(table + 1, table + 2), lines.slice(end, end + 2)].map(
    (some) => some.join('\n'),
  )
}

/** Runs the example, and the command that its message ends with; then the matchers and all other snippets. */
function steps(runner, readme, markdown, { extension, env }) {
  const expected = message(readme).map((text) => text.replaceAll('.ts', extension))
  const [, open] = /Open it: npx (.*)/.exec(expected.at(-1))
  return [
    { command: [...runner, `feed.test${extension}`], env, code: 1, prints: expected },
    { command: open.split(' '), prints: ['parseRow'] },
    { command: [...runner, `matchers.test${extension}`, '-u'], env, prints: ['1 passed', /written/] },
    ...snippets.steps(markdown),
  ]
}

const vitest = (name, { version, manager = 'npm', node, type = 'module', compiles = false }) => ({
  name,
  manager,
  node,
  packages: [`vitest@${version}`, ...(version.startsWith('3') ? ['vite@7.3.8'] : [])],
  files: (readme) => ({
    'package.json': JSON.stringify({ private: true, type }),
    'vitest.config.ts': fileOf(readme, 'vitest.config.ts'),
    [SOURCE]: fileOf(readme, SOURCE),
    [TEST]: fileOf(readme, TEST),
    [MATCHERS]: snippets.matchers(readme),
    ...snippets.files(readme),
  }),
  steps: (readme, markdown) => [
    ...steps(['vitest', 'run'], readme, markdown, { extension: '.ts' }),
    ...(compiles ? snippets.compiling(markdown, headers()) : []),
  ],
})

const jest = (name, { version, manager = 'npm', type = 'commonjs' }) => {
  const module = type === 'module' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS
  // A project without a transformer has JavaScript, and `expect` and `test` are there already.
  const javascript = (text) => plain(text.replace(/^import .* from 'vitest'\n/m, ''), module)
  return {
    name,
    manager,
    packages: [`jest@${version}`],
    files: (readme) => ({
      'package.json': JSON.stringify({ private: true, type }),
      [type === 'module' ? 'jest.config.cjs' : 'jest.config.js']: fileOf(readme, 'jest.config.js'),
      'src/feed.js': javascript(fileOf(readme, SOURCE)),
      'test/feed.test.js': javascript(fileOf(readme, TEST)),
      'test/matchers.test.js': javascript(snippets.matchers(readme)),
      ...snippets.files(readme),
    }),
    steps: (readme, markdown) =>
      steps(['jest'], readme, markdown, {
        extension: '.js',
        env: type === 'module' ? { NODE_OPTIONS: '--experimental-vm-modules' } : {},
      }),
  }
}

/** The headers beside this Node, where there are any: nothing has to be downloaded then. */
function headers() {
  const folder = join(dirname(process.execPath), '..')
  return existsSync(join(folder, 'include/node/node.h')) ? { npm_config_nodedir: folder } : {}
}

export const projects = [
  vitest('Vitest 3, npm; compiled there', { version: '3.2.4', compiles: true }),
  vitest('Vitest 4, pnpm', { version: '4.1.12', manager: 'pnpm' }),
  vitest('Vitest 4, npm, CommonJS', { version: '4.1.12', type: 'commonjs' }),
  vitest('Vitest 5, npm, Node 24', { version: '5.1.1', node: '24' }),
  vitest('Vitest 5, pnpm, Node 26', { version: '5.1.1', manager: 'pnpm', node: '26' }),
  jest('Jest 29, npm', { version: '29.7.0' }),
  jest('Jest 30, pnpm', { version: '30.5.2', manager: 'pnpm' }),
  jest('Jest 30, npm, ES modules', { version: '30.5.2', type: 'module' }),
]
