import { readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { adapter } from './workspace.mjs'

/** How each runner is told which tests to run, and whether by heapproof: `command` for Node, `config` as a file's text. */
export const runners = {
  vitest: {
    configFile: 'suite.config.mjs',
    command: (modules) => [join(realpathSync(join(modules, 'vitest')), 'vitest.mjs'), 'run'],
    reports: (file) => ['--reporter=json', `--outputFile=${file}`],
    config({ include, leftOut = [], aliases, folder }, heapproof) {
      const alias = Object.entries(aliases).map(([name, to]) => ({
        find: name,
        replacement: join(folder, to),
      }))
      const found = alias.map(
        ({ find, replacement }) =>
          `{ find: /^${escaped(find)}$/, replacement: ${JSON.stringify(replacement)} }`,
      )
      const test = {
        include,
        exclude: ['**/node_modules/**', ...leftOut],
        globals: true,
        pool: 'forks',
        maxWorkers: 2,
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }
      return [
        "import { heapproof } from 'heapproof/vitest'",
        'export default {',
        `  plugins: [${heapproof === undefined ? '' : `heapproof(${JSON.stringify(heapproof)})`}],`,
        `  resolve: { alias: [${found.join(', ')}] },`,
        `  test: ${JSON.stringify(test)},`,
        '}',
      ].join('\n')
    },
  },
  jest: {
    configFile: 'suite.config.cjs',
    command: (modules) => [
      join(realpathSync(join(modules, 'jest')), 'bin/jest.js'),
      '--maxWorkers=2',
      '--ci=false',
    ],
    reports: (file) => ['--json', `--outputFile=${file}`],
    config({ include, leftOut = [], aliases, folder, isTypeScript }, heapproof) {
      const names = Object.entries(aliases).map(([name, to]) => [`^${escaped(name)}$`, join(folder, to)])
      const config = {
        rootDir: folder,
        testMatch: include.map((glob) => `<rootDir>/${glob}`),
        testPathIgnorePatterns: [
          '/node_modules/',
          ...leftOut.map((glob) => `/${glob.replace(/\*+.*$/, '')}`),
        ],
        moduleNameMapper: {
          ...Object.fromEntries(names),
          '^vitest$': adapter('vitest-for-jest.cjs'),
          ...(isTypeScript && { '^(\\.{1,2}/.*)\\.js$': '$1' }),
        },
        transform: isTypeScript ? { '\\.ts$': adapter('typescript-for-jest.cjs') } : {},
        testTimeout: 60_000,
        haste: { forceNodeFilesystemAPI: true },
        watchman: false,
      }
      const text = JSON.stringify(config)
      return heapproof === undefined
        ? `module.exports = ${text}`
        : `const { withHeapproof } = require('heapproof/jest/config')\n` +
            `module.exports = withHeapproof(${text}, ${JSON.stringify(heapproof)})`
    },
  },
}

/** Writes the configuration of a run; its path. */
export function writeConfig(runner, suite, heapproof) {
  const { configFile, config } = runners[runner]
  const path = join(suite.folder, configFile)
  writeFileSync(path, config(suite, heapproof))
  return path
}

/** All files of a kind below a folder. */
export function filesBelow(folder, extension) {
  try {
    return readdirSync(folder, { recursive: true })
      .filter((path) => path.endsWith(extension))
      .map((path) => join(folder, path))
  } catch {
    return []
  }
}

function escaped(text) {
  return text.replaceAll(/[/.*+?^${}()|[\]\\]/g, '\\$&')
}
