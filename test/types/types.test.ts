import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '../..')
const installed = join(repository, 'node_modules')

let root: string

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'types-')))
  cpSync(join(here, 'fixtures'), root, { recursive: true })
  mkdirSync(join(root, 'node_modules/@types'), { recursive: true })
  symlinkSync(repository, join(root, 'node_modules/heapproof'), 'junction')
  symlinkSync(
    process.env.HEAPPROOF_VITEST ?? join(installed, 'vitest'),
    join(root, 'node_modules/vitest'),
    'junction',
  )
  mkdirSync(join(root, 'node_modules/@jest'))
  for (const types of ['@types/jest', '@types/node', '@jest/globals'])
    symlinkSync(join(installed, types), join(root, 'node_modules', types), 'junction')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Compiles one file as a user would, and gives the lines with errors. */
function compile(compiler: string, file: string, moduleResolution: string): Promise<string[]> {
  const project = join(root, `tsconfig.${file.replace('/', '-')}.${compiler}.${moduleResolution}.json`)
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: 'es2022',
    module: moduleResolution === 'bundler' ? 'esnext' : 'nodenext',
    moduleResolution,
    types: file.startsWith('jest') && !file.endsWith('globals.ts') ? ['jest'] : ['node'],
  }
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [join(root, file)] }))
  return new Promise((resolve) => {
    const tsc = join(installed, compiler, 'bin/tsc')
    execFile(process.execPath, [tsc, '-p', project, '--pretty', 'false'], { cwd: root }, (_, stdout) => {
      resolve(stdout.split('\n').filter((line) => line.includes('error TS')))
    })
  })
}

describe.each(['typescript', 'typescript7'])('with %s', (compiler) => {
  test.each([
    ['vitest/good.ts', 'bundler'],
    ['vitest/good.ts', 'nodenext'],
    ['jest/good.ts', 'nodenext'],
    ['jest/globals.ts', 'bundler'],
    ['jest/globals.ts', 'nodenext'],
    ['core/good.ts', 'nodenext'],
    ['core/good.ts', 'bundler'],
  ])('%s compiles (%s)', async (file, moduleResolution) => {
    expect(await compile(compiler, file, moduleResolution)).toEqual([])
  })

  test.each(['vitest/bad.ts', 'jest/bad.ts', 'core/bad.ts'])('every line of %s is an error', async (file) => {
    const source = readFileSync(join(root, file), 'utf8').split('\n')
    const wrong = source.flatMap((line, i) => (/^(expect|heapproof|heapLimit)\(/.test(line) ? [i + 1] : []))
    const errors = await compile(compiler, file, 'bundler')
    expect(errors.map((error) => Number(/\((\d+),/.exec(error)?.[1]))).toEqual(wrong)
  })
})
