import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { folderWith, node } from '../support/command-line.js'

/** What start() says in a package whose binary is none, and was compiled as this config.gypi tells. */
function saidBy(config: string | undefined): string {
  const root = folderWith({ 'package.json': '{"name":"heapproof","version":"0.0.0"}' })
  cpSync(join(packageRoot(), 'dist'), join(root, 'dist'), { recursive: true })
  symlinkSync(join(packageRoot(), 'node_modules'), join(root, 'node_modules'), 'junction')
  mkdirSync(join(root, 'build/Release'), { recursive: true })
  writeFileSync(join(root, 'build/Release/heapproof.node'), 'no binary')
  if (config !== undefined) writeFileSync(join(root, 'build/config.gypi'), config)
  const program = `try { require('./dist/index.cjs').start('out') } catch ({ code, message }) { console.log(code, message) }`
  const { stdout, stderr } = node(['--eval', program], { cwd: root })
  expect(stderr).toBe('')
  return stdout.trimEnd()
}

const { modules, node: version } = process.versions
const sentence = (reason: string) =>
  `addon-unavailable heapproof has no native part for this Node (${process.platform}-${process.arch}, ` +
  `Node ${version}): ${reason}. Build it in the package's folder with "npx node-gyp rebuild".`

test.each([
  ['"node_module_version": 108,', '108', 'another Node'],
  ['"node_module_version": "999",', '999', 'another Node'],
  modules === '115'
    ? ['"node_module_version": 137,', '137', 'Node 24']
    : ['"node_module_version": 115,', '115', 'Node 20'],
])('compiled for another Node: %s', (line, built, name) => {
  expect(saidBy(`# Do not edit.\n{ "variables": { ${line} } }`)).toBe(
    sentence(
      `build/Release/heapproof.node was built for ${name} (NODE_MODULE_VERSION ${built}), ` +
        `and this is Node ${version} (NODE_MODULE_VERSION ${modules})`,
    ),
  )
})

test.each([
  ['for this Node', `{ "variables": { "node_module_version": ${modules} } }`],
  ['by something that is not node-gyp', undefined],
  ['and its notes are damaged', 'node_module_version'],
])('compiled %s: what the system says', (_, config) => {
  const said = saidBy(config)
  expect(said).toContain('heapproof.node: ')
  expect(said).not.toContain('NODE_MODULE_VERSION')
})
