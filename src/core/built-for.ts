import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './package-root.js'

/** Node's majors by the version of its binary interface, of those that heapproof supports. */
const MAJORS: Readonly<Record<string, string>> = { 115: '20', 127: '22', 137: '24', 147: '26' }

/**
 * The sentence that says for which Node the binary in the package's `build` folder was compiled, when that is another one:
 * what the system says then is the name of a symbol. Undefined when it is this Node, or nothing was compiled.
 */
export function builtForAnother(): string | undefined {
  const built = moduleVersion()
  const { modules, node } = process.versions
  if (built === undefined || built === modules) return undefined
  const major = MAJORS[built] === undefined ? 'another Node' : `Node ${MAJORS[built]}`
  return (
    `build/Release/heapproof.node was built for ${major} (NODE_MODULE_VERSION ${built}), ` +
    `and this is Node ${node} (NODE_MODULE_VERSION ${modules})`
  )
}

/** What node-gyp wrote down of the Node that it compiled for. */
function moduleVersion(): string | undefined {
  try {
    const text = readFileSync(join(packageRoot(), 'build/config.gypi'), 'utf8')
    return /"node_module_version": "?(\d+)/.exec(text)?.[1]
  } catch {
    return undefined
  }
}
