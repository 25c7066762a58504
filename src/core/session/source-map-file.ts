import { readFileSync } from 'node:fs'
import { annotate } from '../frames/annotate.js'
import { urlOfScript } from '../frames/file.js'

/**
 * Writes the places in the original sources into a recording that has ended, from the source maps that lie beside its
 * scripts now. Maps that scripts carry inside are left to whoever reads the profile. Never throws: source maps are a
 * help, and a broken one must not break the program that was profiled.
 */
export function annotateFromDisk(fileBase: string): void {
  try {
    annotate(fileBase, readSourceMap)
  } catch {
    // The profile stays as it was written, with the places of the code that ran.
  }
}

/** The text of the map a script names, when that is a file that can be read. */
export function readSourceMap(scriptUrl: string, sourceMapUrl: string): string | undefined {
  if (sourceMapUrl === '' || sourceMapUrl.startsWith('data:')) return undefined
  try {
    return readFileSync(new URL(sourceMapUrl, urlOfScript(scriptUrl)), 'utf8')
  } catch {
    return undefined
  }
}
