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

/** What `npm pack` would put into the package; sizes in bytes. */
function packing(): { paths: string[]; size: number; unpackedSize: number } {
  const environment = { ...process.env, npm_config_cache: join(folderWith(), 'cache') }
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
  })
  const [{ files, ...sizes }] = JSON.parse(packed.stdout)
  return { ...sizes, paths: files.map(({ path }: { path: string }) => path) }
}

test('what is packed: the bundles, the native sources, the pages, and nothing of the workshop', () => {
  const { paths, size, unpackedSize } = packing()
  const needed = ['CHANGELOG.md', 'LICENSE', 'README.md', 'binding.gyp', 'native/addon.cc', 'package.json']
  expect(paths).toEqual(expect.arrayContaining(needed))
  for (const file of targets(manifest.exports)) expect(paths).toContain(file)
  expect(paths).toEqual(
    expect.arrayContaining(['dist/cli.cjs', 'dist/preload.cjs', 'dist/vitest/dist/setup.js']),
  )
  const sources = [...readFileSync(join(root, 'binding.gyp'), 'utf8').matchAll(/"(native\/[\w/]+\.cc)"/g)]
  expect(sources.length).toBeGreaterThan(30)
  expect(paths).toEqual(expect.arrayContaining(sources.map(([, source]) => source)))
  const kinds: Record<string, RegExp> = {
    dist: /\.(?:js|cjs|d\.ts|d\.cts)$/,
    docs: /^docs\/[\w-]+\.md$/,
    examples: /\.(?:js|json|md|ts|txt|yml)$/,
    native: /\.(?:cc|h|md)$/,
    prebuilds: /^prebuilds\/linux-x64\/heapproof\.abi\d+\.glibc\.node$/,
  }
  const strange = paths.filter(
    (path) => path.includes('/') && kinds[path.split('/')[0] as string]?.test(path) !== true,
  )
  expect(strange).toEqual([])
  expect(paths).not.toContain('dist/.stamp')
  // What a project downloads, and what lies in its node_modules: 2.2 MB and 7.4 MB with the binaries.
  expect(size).toBeLessThan(3_000_000)
  expect(unpackedSize).toBeLessThan(10_000_000)
})

test('a link of a packed page leads to what is packed, too, but for pictures', () => {
  const { paths } = packing()
  const pages = paths.filter((path) => path.endsWith('.md'))
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, to]) => ({
      page,
      to: join(dirname(page), to as string),
    })),
  )
  expect(links.length).toBeGreaterThan(80)
  const isThere = (target: string) => paths.some((path) => path === target || path.startsWith(`${target}/`))
  expect(links.filter(({ to }) => !to.startsWith('docs/images/') && !isThere(to))).toEqual([])
})

test('nothing packed knows where it was made', () => {
  const places = ['node_modules', 'src', 'dist'].map((folder) => `${join(root, folder)}/`)
  const texts = packing().paths.filter((path) => /\.(?:js|cjs|ts|cts|json|gyp|md|h|cc)$/.test(path))
  expect(texts.length).toBeGreaterThan(50)
  const telling = texts.filter((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return places.some((place) => text.includes(place))
  })
  expect(telling).toEqual([])
})

test('every entry exists, and those for Node load', () => {
  for (const file of targets(manifest.exports)) expect(existsSync(join(root, file))).toBe(true)
  const program = `
    import * as esm from 'heapproof'
    import { createRequire } from 'node:module'
    const commonjs = createRequire(import.meta.url)('heapproof')
    const vitest = [await import('heapproof/vitest'), createRequire(import.meta.url)('heapproof/vitest')]
    const lists = [esm, commonjs, ...vitest].map((names) => Object.keys(names).sort())
    console.log(JSON.stringify(lists))`
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
    'flameDiffHtml',
    'flameDiffSpeedscope',
    'flameGraph',
    'flameHtml',
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
  const vitest = ['heapLimit', 'heapproof']
  expect(JSON.parse(stdout)).toEqual([names, names, vitest, vitest])
  for (const file of ['index.d.ts', 'index.d.cts']) {
    const [list = ''] = /export \{[^}]*\};?\s*$/.exec(readFileSync(join(root, 'dist', file), 'utf8')) ?? []
    const declared = [...list.matchAll(/[{,] (type )?(\w+)/g)]
    expect(declared.length).toBeGreaterThan(120)
    expect(declared.flatMap(([, type, name]) => (type === undefined ? [name] : [])).sort()).toEqual(names)
  }
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
    'jest/config.js',
    'jest/preset.cjs',
    'jest/reporter.cjs',
    'register.cjs',
    'vitest.cjs',
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

test('jest.config.mjs gets an ES module: of a CommonJS one Node would read every character first', () => {
  const { code, stdout, stderr } = node(
    [
      '--input-type=module',
      '-e',
      `import { withHeapproof } from 'heapproof/jest/config'
       import { existsSync } from 'node:fs'
       import { createRequire } from 'node:module'
       const { testRunner, setupFilesAfterEnv, reporters } = withHeapproof({})
       console.log([testRunner, ...setupFilesAfterEnv, reporters[1][0]].map(existsSync).join(' '))
       console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('config')).length)`,
    ],
    { cwd: root },
  )
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'true true true\n0\n', stderr: '' })
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
