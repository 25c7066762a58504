import { join, sep } from 'node:path'
import { packageRoot } from '../package-root.js'

/**
 * Whose code a file is: the user's, a package in node_modules, Node itself (and code without a file: built-in
 * functions), a test runner, heapproof, or machine code (an add-on or a library it brings).
 */
export type FileKind = 'user' | 'dependency' | 'node' | 'runner' | 'heapproof' | 'native'

const MODULES = '/node_modules/'
const MACHINE_CODE = /\.(?:node|dylib|dll|so(?:\.\d+)*)$/
// graceful-fs is what Jest puts in place of node:fs, for all code and for us.
const RUNNER =
  /^(?:vitest|@vitest\/.*|vite-node|tinypool|tinyspy|tinybench|chai|jest|jest-.*|@jest\/.*|expect|graceful-fs)$/

let ownFolders: readonly string[] | undefined

/** What was asked before: the files of a program are few, and each frame of a profile asks. */
const known = new Map<string, FileKind>()
const MOST_KNOWN = 4096

/**
 * Says whose code a file is, by its path or URL as `Frame.file` gives it. Only the name counts; nothing is read.
 * Code without a file goes with Node, because no line of it could be shown: what it allocates is charged to its caller,
 * as is what machine code allocates.
 */
export function classify(file: string): FileKind {
  let kind = known.get(file)
  if (kind === undefined) {
    kind = kindOf(file)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(file, kind)
  }
  return kind
}

/** Whether it is the user's code or a package's: lines of these are charged with what is allocated. */
export function isOfProgram(file: string): boolean {
  const kind = classify(file)
  return kind === 'user' || kind === 'dependency'
}

function kindOf(file: string): FileKind {
  if (file === '' || file.startsWith('node:')) return 'node'
  if (MACHINE_CODE.test(file)) return 'native'
  const name = packageOf(file)
  if (name === 'heapproof') return 'heapproof'
  if (name !== undefined) return RUNNER.test(name) ? 'runner' : 'dependency'
  ownFolders ??= findOwnFolders()
  return ownFolders.some((folder) => file.startsWith(folder)) ? 'heapproof' : 'user'
}

/** The package a file in node_modules belongs to. The last node_modules counts: pnpm has two in every path. */
function packageOf(file: string): string | undefined {
  const start = file.lastIndexOf(MODULES)
  if (start === -1) return undefined
  const [first = '', second = ''] = file.slice(start + MODULES.length).split('/', 2)
  return first.startsWith('@') ? `${first}/${second}` : first
}

/** Where heapproof runs from when it is not in a node_modules folder: linked, or in its own repository. */
function findOwnFolders(): string[] {
  try {
    return ['dist', 'src'].map((folder) => join(packageRoot(), folder) + sep)
  } catch {
    return [] // built into another program's bundle: there is no file of ours to know
  }
}
