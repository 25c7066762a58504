import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { CLI, folderWith, heapproof, node } from '../support/command-line.js'

const root = dirname(dirname(CLI))
const check = [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', join(root, 'tsconfig.json')]

test('the TypeScript compiler on this project: more than 90 % of the sampled bytes have a file and a line', {
  timeout: 300_000,
}, () => {
  const { stdout: list } = node([...check, '--listFilesOnly'], { cwd: root })
  const declarations = list.split('\n').filter((path) => /\.d\.[cm]?ts$/.test(path))
  const lines = declarations.reduce((sum, path) => sum + readFileSync(path, 'utf8').split('\n').length, 0)
  expect(lines).toBeGreaterThan(50_000)

  const base = join(folderWith(), 'tsc')
  const plain = node(check, { cwd: root })
  const profiled = heapproof(['run', '-o', base, '--', ...check], { cwd: root })
  expect([profiled.code, profiled.stdout]).toEqual([plain.code, plain.stdout])

  const { sites } = JSON.parse(heapproof(['top', base, '--json'], { cwd: root }).stdout)
  const bytes = (list: { self: number }[]) => list.reduce((sum, site) => sum + site.self, 0)
  const placed = sites.filter((site: { file: string; line: number }) => site.file !== '' && site.line > 0)
  expect(bytes(sites)).toBeGreaterThan(50e6)
  expect(bytes(placed) / bytes(sites)).toBeGreaterThan(0.9)
})
