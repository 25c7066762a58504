import ts from 'typescript'
import { fileOf, outputOf } from './readme.mjs'

const SOURCE = 'src/feed.ts'
const TEST = 'test/feed.test.ts'

/** The message of the README, without its lines: which of those with little to them are shown is chance. */
function message(readme) {
  const lines = outputOf(readme, 'expect(received).toAllocateLessThan').split('\n')
  const last = lines.findIndex((line) => line.includes(' total'))
  return [lines.slice(0, last + 1).join('\n'), ...lines.slice(last + 1, last + 2)]
}

/** TypeScript as a Jest project without a transformer has it: JavaScript, and `expect` and `test` are there already. */
function plain(text, module) {
  const { outputText } = ts.transpileModule(text.replace(/^import .* from 'vitest'\n/m, ''), {
    compilerOptions: { module, target: ts.ScriptTarget.ES2022, removeComments: false },
  })
  return outputText
}

const vitest = (name, { version, manager = 'npm', node, type = 'module' }) => ({
  name,
  manager,
  node,
  packages: [`vitest@${version}`, ...(version.startsWith('3') ? ['vite@7.3.8'] : [])],
  files: (readme) => ({
    'package.json': JSON.stringify({ private: true, type }),
    [type === 'module' ? 'vitest.config.ts' : 'vitest.config.mts']: fileOf(readme, 'vitest.config.ts'),
    [SOURCE]: fileOf(readme, SOURCE),
    [TEST]: fileOf(readme, TEST),
    'script.mjs': PROGRAM,
    'script.cjs': COMMONJS,
  }),
  steps: (readme) => [{ command: ['vitest', 'run'], code: 1, prints: message(readme) }, ...LIBRARY],
})

const jest = (name, { version, manager = 'npm', type = 'commonjs' }) => {
  const module = type === 'module' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS
  return {
    name,
    manager,
    packages: [`jest@${version}`],
    files: (readme) => ({
      'package.json': JSON.stringify({ private: true, type }),
      [type === 'module' ? 'jest.config.cjs' : 'jest.config.js']: fileOf(readme, 'jest.config.js'),
      'src/feed.js': plain(fileOf(readme, SOURCE), module),
      'test/feed.test.js': plain(fileOf(readme, TEST), module),
      'script.mjs': PROGRAM,
      'script.cjs': COMMONJS,
    }),
    steps: (readme) => [
      {
        command: ['jest'],
        env: type === 'module' ? { NODE_OPTIONS: '--experimental-vm-modules' } : {},
        code: 1,
        prints: message(readme).map((text) => text.replaceAll('.ts', '.js')),
      },
      ...LIBRARY,
    ],
  }
}

const PROGRAM = `
import { measure, read, sites, start, stop } from 'heapproof'
const kept = []
const work = () => { for (let i = 0; i < 100_000; i++) kept.push({ i, j: i }) }
const { allocated } = await measure(work)
if (!(allocated > 4_000_000 && allocated < 50_000_000)) throw new Error('allocated ' + allocated)
start('profiles/import', { samplingInterval: 64 * 1024 })
work()
stop()
const profile = read('profiles/import')
const [first] = sites(profile).sites
console.log(first.function, first.line)
profile.close()
`
const COMMONJS = `
const { HeapproofError, measure } = require('heapproof')
measure(() => {}).then(({ allocated }) => console.log(allocated, typeof HeapproofError))
`
const LIBRARY = [
  { command: ['node', 'script.mjs'], code: 0, prints: ['work 4'] },
  { command: ['node', 'script.cjs'], code: 0, prints: ['0 function'] },
  {
    command: ['heapproof', 'run', '-o', 'profiles/build', '--', 'script.cjs'],
    code: 0,
    prints: ['profiles/build'],
  },
  { command: ['heapproof', 'top', 'profiles/build'], code: 0, prints: ['self'] },
]

export const projects = [
  vitest('Vitest 3, npm', { version: '3.2.4' }),
  vitest('Vitest 4, pnpm', { version: '4.1.12', manager: 'pnpm' }),
  vitest('Vitest 4, npm, CommonJS', { version: '4.1.12', type: 'commonjs' }),
  vitest('Vitest 5, npm, Node 24', { version: '5.1.1', node: '24' }),
  vitest('Vitest 5, pnpm, Node 26', { version: '5.1.1', manager: 'pnpm', node: '26' }),
  jest('Jest 29, npm', { version: '29.7.0' }),
  jest('Jest 30, pnpm', { version: '30.5.2', manager: 'pnpm' }),
  jest('Jest 30, npm, ES modules', { version: '30.5.2', type: 'module' }),
]
