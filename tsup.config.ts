import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig, type Options } from 'tsup'

// What devDependencies name is bundled, what dependencies and peerDependencies name stays outside.
const shared: Options = {
  target: 'node20',
  platform: 'node',
  sourcemap: false,
  clean: false,
  // Where Vitest 4 transforms our files it took a bare "timers/promises" for a file of projects in certain folders.
  removeNodeProtocol: false,
  shims: false, // its import.meta.url asks for `document`, which jsdom has: the bundle would not load under Jest
}

// There is no import.meta in CommonJS, and package-root.ts asks for it.
const commonjs: Options['esbuildOptions'] = (options, { format }) => {
  if (format === 'cjs')
    options.define = { ...options.define, 'import.meta.filename': '__filename', 'import.meta.url': '""' }
}

// Every test file pays for the size of what its worker loads first. So what most of them never need lies in files of
// its own, in the same folder or in `folder`: whatever is imported in the middle of a function, and pretty-format.
const LATER = ['lines', 'match-test', 'picomatch', 'pretty-format', 'sentence', 'snapshots']
const small = (folder = '.'): Options => ({
  format: 'cjs',
  esbuildOptions: (options, context) => {
    commonjs(options, context)
    options.supported = { 'dynamic-import': false } // Vitest's vm pools cannot import from CommonJS, but require
  },
  esbuildPlugins: [
    {
      name: 'later',
      setup(build) {
        build.onResolve({ filter: /./ }, ({ kind, path }) => {
          const name = basename(path, '.js')
          if (kind !== 'dynamic-import' && !(kind === 'require-call' && name === 'pretty-format'))
            return undefined
          if (!LATER.includes(name)) return { errors: [{ text: `${path} is missing in LATER` }] }
          return { path: `${folder}/${name}.cjs`, external: true }
        })
      },
    },
  ],
})

// TypeScript has to read Vitest's declarations before those that add to them, else they are lost; and an import of no
// names is dropped on the way.
const vitestTypes = { banner: "import 'vitest'" }

/** Those of them that both runners have, in `folder`. */
const laterIn = (folder: string) => ({
  [`${folder}/lines`]: 'src/core/bracket/lines.ts',
  [`${folder}/match-test`]: 'src/core/snapshot/match-test.ts',
  [`${folder}/picomatch`]: 'node_modules/picomatch/index.js',
  [`${folder}/pretty-format`]: 'node_modules/pretty-format/build/index.js',
  [`${folder}/sentence`]: 'src/core/bracket/sentence.ts',
})

const script: Options = {
  ...shared,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  tsconfig: 'src/core/page/browser/tsconfig.json',
  outExtension: () => ({ js: '.js' }),
}

export default defineConfig([
  {
    ...shared,
    entry: { index: 'src/core/index.ts' },
    format: ['esm', 'cjs'],
    splitting: false,
    dts: true,
    esbuildOptions: commonjs,
  },
  {
    ...shared,
    entry: { vitest: 'src/vitest/index.ts' },
    format: 'esm',
    splitting: true,
    esbuildOptions: (options) => {
      options.chunkNames = 'vitest/parts/[name]-[hash]'
    },
    dts: vitestTypes,
  },
  // For configurations in CommonJS. Tests import the one above.
  {
    ...shared,
    entry: { vitest: 'src/vitest/index.ts' },
    format: 'cjs',
    splitting: false,
    esbuildOptions: commonjs,
    dts: vitestTypes,
  },
  // The folder's name is what Vitest looks for when it hides frames of its own from a stack: ours hide with them.
  { ...shared, entry: { 'vitest/dist/setup': 'src/vitest/setup.ts' }, format: 'esm', splitting: false },
  { ...shared, ...small(), entry: { 'vitest/dist/worker-setup': 'src/vitest/worker-setup.ts' } },
  {
    ...shared,
    entry: {
      'vitest/dist/matchers': 'src/vitest/matchers.ts',
      'vitest/dist/snapshots': 'src/vitest/snapshots.ts',
      ...laterIn('vitest/dist'),
    },
    format: 'cjs',
    esbuildOptions: commonjs,
  },
  { ...shared, ...small('./jest/build'), entry: { jest: 'src/jest/index.ts' }, dts: true },
  {
    ...shared,
    entry: { register: 'src/core/register.ts' },
    format: 'cjs',
    dts: true,
    esbuildOptions: commonjs,
  },
  // Node reads all of a CommonJS file to find its exports when an ES module imports it, and jest.config.mjs does.
  {
    ...shared,
    entry: { 'jest/config': 'src/jest/config.ts' },
    format: ['esm', 'cjs'],
    splitting: false,
    dts: true,
    esbuildOptions: commonjs,
  },
  // Jest hides the frames of what lies in a folder `jest/build`.
  { ...shared, ...small(), entry: { 'jest/build/runner': 'src/jest/runner.ts' } },
  {
    ...shared,
    entry: { 'jest/build/matchers': 'src/jest/matchers.ts', ...laterIn('jest/build') },
    format: 'cjs',
    esbuildOptions: commonjs,
  },
  // What they export is what require() gives; cjsInterop has the declarations say so.
  {
    ...shared,
    entry: { 'jest/preset': 'src/jest/preset.ts', 'jest/reporter': 'src/jest/reporter.ts' },
    format: 'cjs',
    dts: true,
    cjsInterop: true,
    footer: { js: 'module.exports = module.exports.default' },
    esbuildOptions: commonjs,
  },
  {
    ...shared,
    entry: { cli: 'src/core/cli/main.ts' },
    format: 'cjs',
    esbuildOptions: commonjs,
  },
  // Every recorded process reads it before its program.
  {
    ...shared,
    entry: { recorder: 'src/core/cli/recorder.ts', worker: 'src/core/workers/preload.ts' },
    format: 'cjs',
    minify: true,
    esbuildOptions: commonjs,
  },
  // Any Node that a recorded program starts gets it.
  {
    ...shared,
    entry: { preload: 'src/core/cli/preload.ts' },
    format: 'cjs',
    target: 'es2015',
    removeNodeProtocol: true,
  },
  // The scripts of pages, which are put into every page.
  {
    ...script,
    entry: { page: 'src/core/page/browser/main.ts' },
    banner: { js: readFileSync('node_modules/@dagrejs/dagre/dist/dagre.js.LEGAL.txt', 'utf8').trim() },
  },
  { ...script, entry: { 'flame-page': 'src/core/page/browser/flame-main.ts' } },
])
