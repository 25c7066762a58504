// The README's snippets as programs: each as it is written, behind the few names that it takes for granted.
import { blockWith, commands, plain } from './readme.mjs'

const LIBRARY = 'const { allocated, heap, arrayBuffers }'
const LIVE = 'getTracedMemory()'
const PROCESSES = 'execFileSync'
const MATCHERS = 'toAllocateNothing()'

/** The files of a project in which the snippets stand, by path, and what they use. */
export function files(readme) {
  return {
    'library.mjs': plain(`${WORK}
      const feed = 'apple;1.25;fresh,red\\n'.repeat(1000)
      const parse = (text) => text.split('\\n').map((line) => line.split(';'))
      const importAll = async () => work()
      process.on('exit', () => console.log('parsed', allocated > 100_000 && allocated === heap + arrayBuffers))
      ${blockWith(readme, LIBRARY)}`),
    'live.mjs': plain(`${WORK}
      process.on('exit', () => console.log('traced', current > 1_000_000 && peak >= current))
      ${blockWith(readme, LIVE).replace(/^\/\/ \.\.\. later.*$/m, '$&\nwork()')}`),
    'processes.mjs': plain(`import { execFileSync } from 'node:child_process'
      ${blockWith(readme, PROCESSES)}
      console.log('read', profile.counters.heapBytes > 1_000_000)`),
    'cli.js': `${WORK}\nif (process.argv[2] !== 'big.csv') throw new Error(process.argv.join())\nwork()`,
    'scripts/build.js': `${WORK}\nif (process.argv[2] !== '--release') throw new Error(process.argv.join())\nwork()`,
    'script.cjs': `const { HeapproofError, measure } = require('heapproof')
      measure(() => {}).then(({ allocated }) => console.log(allocated, typeof HeapproofError))`,
  }
}

/** Allocates some megabytes that stay, in a function with a name. */
const WORK = `const kept = []
function work() {
  for (let i = 0; i < 100_000; i++)
    kept.push({ i, j: i })
}`

/** A file of tests that calls the README's matchers. */
export function matchers(readme) {
  return `import { expect, test } from 'vitest'
import { parseFeed } from '../src/feed'

const feed = 'apple;1.25;fresh,red\\n'.repeat(2_000)
const cache = new Map([['apple', 1.25]])
const request = { path: 'apple' }
const handle = async ({ path }) => cache.get(path)

test('the matchers of the README', async () => {
${blockWith(readme, MATCHERS)}
}, 120_000)
`
}

/** What is done with them, and what has to come of it. */
export function steps(markdown) {
  const heapproof = commands(markdown, 'npx').map(([, ...command]) => ({ command, prints: [] }))
  const top = heapproof.find(({ command }) => command[1] === 'top')
  top.prints = [/ work +scripts\/build\.js:4:/]
  return [
    ...commands(markdown, 'mkdir').map((command) => ({ command, prints: [] })),
    { command: ['node', 'library.mjs'], prints: [/ work .*library\.mjs \d+$/m, 'parsed true'] },
    { command: ['node', 'live.mjs'], prints: [/ work .*live\.mjs 4$/m, 'traced true'] },
    { command: ['node', 'processes.mjs'], prints: ['read true'] },
    ...heapproof,
    { command: ['node', 'script.cjs'], prints: ['0 function'] },
  ]
}

/** Has no binary, as on other platforms, and compiles one by the README's command. */
export function compiling(markdown, headers) {
  const [command] = commands(markdown, '(cd')
  return [
    { command: ['rm', '-rf', 'node_modules/heapproof/prebuilds'], prints: [] },
    { command: ['node', 'script.cjs'], code: 1, prints: ['heapproof has no native part for this Node'] },
    { command: ['sh', '-c', command.join(' ')], env: headers, prints: [] },
    { command: ['node', 'script.cjs'], prints: ['0 function'] },
  ]
}
