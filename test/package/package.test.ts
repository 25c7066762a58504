import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { CLI, folderWith, heapproof, node } from '../support/command-line.js'

const root = dirname(dirname(CLI))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

test('nothing runs when the package is installed', () => {
  const installing = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']
  expect(Object.keys(manifest.scripts).filter((name) => installing.includes(name))).toEqual([])
  expect(manifest.gypfile).toBe(false) // else npm would compile binding.gyp by itself
})

test('what is packed: the bundles, the native sources, and nothing of the workshop', () => {
  const environment = { ...process.env, npm_config_cache: join(folderWith(), 'cache') }
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
  })
  const [{ files }] = JSON.parse(packed.stdout) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  const needed = ['CHANGELOG.md', 'LICENSE', 'README.md', 'binding.gyp', 'native/addon.cc', 'package.json']
  expect(paths).toEqual(expect.arrayContaining(needed))
  for (const file of targets(manifest.exports)) expect(paths).toContain(file)
  expect(paths).toEqual(
    expect.arrayContaining(['dist/cli.cjs', 'dist/preload.cjs', 'dist/vitest/dist/setup.js']),
  )
  const folders = ['dist', 'native', 'prebuilds']
  const strange = paths.filter(
    (path) => path.includes('/') && !folders.includes(path.split('/')[0] as string),
  )
  expect(strange).toEqual([])
  expect(paths).not.toContain('dist/.stamp')
})

test('every entry exists, and those for Node load', () => {
  for (const file of targets(manifest.exports)) expect(existsSync(join(root, file))).toBe(true)
  const program = `
    import * as esm from 'heapproof'
    import { createRequire } from 'node:module'
    const commonjs = createRequire(import.meta.url)('heapproof')
    const vitest = await import('heapproof/vitest')
    console.log(JSON.stringify([Object.keys(esm).sort(), Object.keys(commonjs).sort(), Object.keys(vitest)]))`
  const { stdout } = node(['--input-type=module', '--eval', program], { cwd: root }) // a package may import itself
  const names = [
    'DEFAULT_SAMPLING_PROBABILITY',
    'DomainFilter',
    'Filter',
    'HeapproofError',
    'Snapshot',
    'SourceText',
    'Traceback',
    'childEnvironment',
    'clearTraces',
    'compareRuns',
    'comparisonMarkdown',
    'comparisonText',
    'diffFlameGraphs',
    'exportHeapprof',
    'exportProfile',
    'flameCollapsed',
    'flameDiffCollapsed',
    'flameDiffSpeedscope',
    'flameGraph',
    'flameSpeedscope',
    'flowGraph',
    'flowGraphDot',
    'flowGraphSvg',
    'gatherStats',
    'getObjectTraceback',
    'getSamplerMemory',
    'getTracebackLimit',
    'getTracedMemory',
    'isProfiling',
    'isTracing',
    'measure',
    'measureProcess',
    'mergeProfiles',
    'mergeRuns',
    'read',
    'readHeapprofDigest',
    'resetPeak',
    'sites',
    'start',
    'stop',
    'takeSnapshot',
    'timePlotSvg',
    'updateSnapshots',
    'writeReport',
  ]
  expect(JSON.parse(stdout)).toEqual([names, names, expect.arrayContaining(['heapproof'])])
})

test('heapproof/register is there for --require and for --import', () => {
  const env = { HEAPPROOF_SAMPLING_INTERVAL: '4096' }
  const program = `console.log(require('heapproof').isTracing())`
  for (const option of ['--require', '--import']) {
    const { code, stdout, stderr } = node([option, 'heapproof/register', '--eval', program], {
      cwd: root,
      env,
    })
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'true\n', stderr: '' })
  }
})

test('the bundles need nothing at run time but the dependencies and the runners', () => {
  const allowed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]
  for (const file of [
    'index.js',
    'index.cjs',
    'cli.cjs',
    'preload.cjs',
    'recorder.cjs',
    'jest.cjs',
    'jest/build/matchers.cjs',
    'jest/build/runner.cjs',
    'jest/config.cjs',
    'jest/preset.cjs',
    'jest/reporter.cjs',
    'register.cjs',
    'vitest.js',
    'vitest/dist/matchers.cjs',
    'vitest/dist/setup.js',
    'vitest/dist/worker-setup.cjs',
  ]) {
    const text = readFileSync(join(root, 'dist', file), 'utf8')
    const imported = [
      ...text.matchAll(/^import\b[^'"\n]*from ["']([^"']+)["']|\brequire\(["']([^"']+)["']\)/gm),
    ]
    const outside = imported
      .map((match) => match[1] ?? match[2])
      .filter((name) => !/^(?:node:|\.)/.test(name as string))
    const packages = outside.map((name) => (name as string).split('/')[0])
    expect(
      packages.filter((name) => !allowed.includes(name as string) && !isBuiltin(name as string)),
    ).toEqual([])
  }
})

test('what runs before each test file is small, and what it loads later is there', () => {
  const size = (file: string) => statSync(join(root, 'dist', file)).size
  expect(size('vitest/dist/setup.js')).toBeLessThan(1000)
  expect(size('vitest/dist/worker-setup.cjs')).toBeLessThan(100_000)
  expect(size('jest.cjs')).toBeLessThan(30_000)
  for (const [file, folder] of [
    ['vitest/dist/worker-setup.cjs', 'vitest/dist'],
    ['jest.cjs', ''],
  ] as const) {
    const text = readFileSync(join(root, 'dist', file), 'utf8')
    const later = [...text.matchAll(/require\("(\.[^"]+)"\)/g)].map((match) => match[1] as string)
    expect(later).not.toEqual([])
    for (const path of later) expect(existsSync(join(root, 'dist', folder, path)), path).toBe(true)
  }
})

test('the command tells its version', () => {
  expect(heapproof(['--version'], { cwd: root })).toMatchObject({
    code: 0,
    stdout: `${manifest.version}\n`,
    stderr: '',
  })
})

/** The files an exports map leads to, without the leading `./`. */
function targets(map: string | Record<string, never>): string[] {
  if (typeof map === 'string') return [map.slice(2)]
  return Object.values(map).flatMap(targets)
}
