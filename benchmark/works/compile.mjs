// What `tsc --noEmit` does, on this very project.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export const title = 'TypeScript compile'
export const sizes = { timed: Number.POSITIVE_INFINITY, counted: 1 } // files, and what they import
const CONFIG = fileURLToPath(new URL('../../tsconfig.json', import.meta.url))

export function run(size) {
  const ts = createRequire(import.meta.url)('typescript')
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: ({ messageText }) => fail(messageText) }
  const { fileNames, options } = ts.getParsedCommandLineOfConfigFile(CONFIG, undefined, host)
  const program = ts.createProgram(fileNames.slice(0, size), options)
  ts.getPreEmitDiagnostics(program)
}

function fail(text) {
  throw new Error(String(text))
}
