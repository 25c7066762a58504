import { readFileSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

// What devDependencies name is bundled, what dependencies and peerDependencies name stays outside.
const shared: Options = {
  target: 'node20',
  platform: 'node',
  sourcemap: false,
  clean: false,
  shims: false, // its import.meta.url asks for `document`, which jsdom has: the bundle would not load under Jest
}

// There is no import.meta in CommonJS, and package-root.ts asks for it.
const commonjs: Options['esbuildOptions'] = (options, { format }) => {
  if (format === 'cjs')
    options.define = { ...options.define, 'import.meta.filename': '__filename', 'import.meta.url': '""' }
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
    splitting: false,
    // TypeScript has to read Vitest's declarations before those that add to them, else they are lost; and an import of
    // no names is dropped on the way.
    dts: { banner: "import 'vitest'" },
  },
  // The folder's name is what Vitest looks for when it hides frames of its own from a stack: ours hide with them.
  { ...shared, entry: { 'vitest/dist/setup': 'src/vitest/setup.ts' }, format: 'esm', splitting: false },
  {
    ...shared,
    entry: { jest: 'src/jest/index.ts', register: 'src/core/register.ts' },
    format: 'cjs',
    dts: true,
    esbuildOptions: commonjs,
  },
  {
    ...shared,
    entry: { 'jest/config': 'src/jest/config.ts' },
    format: 'cjs',
    dts: true,
    esbuildOptions: commonjs,
  },
  // Jest hides the frames of what lies in a folder `jest/build`.
  {
    ...shared,
    entry: {
      'jest/build/runner': 'src/jest/runner.ts',
      'jest/preset': 'src/jest/preset.ts',
      'jest/reporter': 'src/jest/reporter.ts',
    },
    format: 'cjs',
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
  { ...shared, entry: { preload: 'src/core/cli/preload.ts' }, format: 'cjs', target: 'es2015' },
  // The script of the report page, which is put into every page.
  {
    ...shared,
    entry: { page: 'src/core/page/browser/main.ts' },
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    tsconfig: 'src/core/page/browser/tsconfig.json',
    outExtension: () => ({ js: '.js' }),
    banner: { js: readFileSync('node_modules/@dagrejs/dagre/dist/dagre.js.LEGAL.txt', 'utf8').trim() },
  },
])
