import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toolsFor } from '../e2e/jest/tools.js'
import { vitests } from '../e2e/vitest/versions.js'
import { temporaryFolder } from '../support/temporary.js'

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '../..')
const modules = join(repository, 'node_modules')

const compilers = ['typescript', 'typescript7']
const resolutions = ['nodenext', 'bundler']

const roots: string[] = []
beforeAll(() => {
  for (const vitest of Object.values(vitests)) vitest()
  for (const version of [29, 30] as const) toolsFor(version)
}, 1_200_000)
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true })
})

/** A project with the fixtures, these packages (folders by name), and our declarations as npm would install them. */
function projectWith(packages: Readonly<Record<string, string>>): string {
  const root = temporaryFolder()
  roots.push(root)
  cpSync(join(here, 'fixtures'), root, { recursive: true })
  const all = { '@types/node': join(modules, '@types/node'), ...packages }
  for (const [name, folder] of Object.entries(all)) {
    const link = join(root, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(folder, link, 'junction')
  }
  // A link would not do: from where it leads to, other packages are found.
  const ours = join(root, 'node_modules/heapproof')
  mkdirSync(ours)
  cpSync(join(repository, 'package.json'), join(ours, 'package.json'))
  const isDeclaration = (path: string) => !/\.c?js$/.test(path)
  cpSync(join(repository, 'dist'), join(ours, 'dist'), { recursive: true, filter: isDeclaration })
  return root
}

/** Compiles files as a user would, and gives the places of errors: `file:line`, with what is wrong where none belongs. */
function compile(
  root: string,
  files: readonly string[],
  options: { compiler: string; moduleResolution: string; types: readonly string[] },
): Promise<string[]> {
  const { compiler, moduleResolution, types } = options
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: 'es2022',
    module: { bundler: 'esnext', node10: 'commonjs' }[moduleResolution] ?? 'nodenext',
    moduleResolution,
    types,
  }
  const project = join(root, `tsconfig.${Math.random()}.json`)
  writeFileSync(project, JSON.stringify({ compilerOptions, files }))
  return new Promise((resolve) => {
    const tsc = join(modules, compiler, 'bin/tsc')
    execFile(process.execPath, [tsc, '-p', project, '--pretty', 'false'], { cwd: root }, (_, stdout) => {
      const errors = stdout.split('\n').filter((line) => line.includes('error TS'))
      resolve(errors.map((error) => error.replace(/^(.*bad\.ts)\((\d+),.*$/, '$1:$2')))
    })
  })
}

/** The lines of a file that have to be errors: those that begin with a call. */
function wrong(root: string, file: string): string[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  return lines.flatMap((line, i) =>
    /^(expect|heapproof|withHeapproof|heapLimit)\(/.test(line) ? [`${file}:${i + 1}`] : [],
  )
}

const kinds = compilers.flatMap((compiler) =>
  resolutions.map((moduleResolution) => ({ compiler, moduleResolution })),
)

// Without the exports of package.json, as many a Jest project still resolves; TypeScript 7 does not know it any more.
const old = { compiler: 'typescript', moduleResolution: 'node10' }

describe.each(Object.keys(vitests) as (keyof typeof vitests)[])('Vitest %s', (version) => {
  const project = () => projectWith({ vitest: vitests[version]() })

  test.each(kinds)('every line, by $compiler ($moduleResolution)', async (kind) => {
    const root = project()
    const errors = await compile(root, ['vitest/good.ts', 'vitest/bad.ts'], { ...kind, types: ['node'] })
    expect(errors).toEqual(wrong(root, 'vitest/bad.ts'))
  })

  test.each(compilers)('by tsconfig.json alone, by %s', async (compiler) => {
    const options = { compiler, moduleResolution: 'bundler', types: ['heapproof/vitest'] }
    expect(await compile(project(), ['vitest/ambient.ts'], options)).toEqual([])
  })
})

describe.each([29, 30] as const)('Jest %i', (version) => {
  const project = (...names: string[]) => {
    const tools = toolsFor(version)
    const at = version === 29 ? tools : modules
    return projectWith(Object.fromEntries(names.map((name) => [name, join(at, name)])))
  }

  test.each([...kinds, old])('@types/jest: every line, by $compiler ($moduleResolution)', async (kind) => {
    const root = project('@types/jest', 'expect')
    const errors = await compile(root, ['jest/good.ts', 'jest/bad.ts'], { ...kind, types: ['jest'] })
    expect(errors).toEqual(wrong(root, 'jest/bad.ts'))
  })

  test.each([...kinds, old])('@jest/globals: every line, by $compiler ($moduleResolution)', async (kind) => {
    const root = project('@jest/globals', 'expect')
    expect(await compile(root, ['jest/globals.ts'], { ...kind, types: ['node'] })).toEqual([])
  })

  test.each(compilers)('by tsconfig.json alone, by %s', async (compiler) => {
    const options = { compiler, moduleResolution: 'bundler', types: ['jest', 'heapproof/jest'] }
    const root = project('@types/jest', 'expect')
    expect(await compile(root, ['jest/ambient.ts'], options)).toEqual([])
  })
})

test.each([...kinds, old])('the library: every line, by $compiler ($moduleResolution)', async (kind) => {
  const root = projectWith({})
  const errors = await compile(root, ['core/good.ts', 'core/bad.ts'], { ...kind, types: ['node'] })
  expect(errors).toEqual(wrong(root, 'core/bad.ts'))
})
