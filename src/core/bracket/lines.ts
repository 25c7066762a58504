import { relativeTo } from '../expect/profiles.js'
import { annotate, type ResolveSourceMap } from '../frames/annotate.js'
import { classify } from '../frames/classify.js'
import { read } from '../reader.js'
import { sites } from '../reduce/sites.js'
import { readSourceMap } from '../session/source-map-file.js'
import type { TestSite } from './record.js'

const MOST = 10

/** The lines of a recording. */
export interface Lines {
  /** Heaviest first, at most ten; only somebody's own code and packages. */
  readonly sites: readonly TestSite[]
  /** Relative standard error of all lines together; 0 without any. */
  readonly error: number
}

/**
 * Reads a recording down to what travels with the result of a test. `resolve` finds source maps that only the runner has.
 *
 * @throws HeapproofError as `read` does.
 */
export function linesOf(fileBase: string, root: string, resolve?: ResolveSourceMap): Lines {
  annotate(fileBase, (url, map) => resolve?.(url, map) ?? readSourceMap(url, map))
  const reader = read(fileBase)
  try {
    const summary = sites(reader)
    const theirs = summary.sites.filter(({ file }) => ['user', 'dependency'].includes(classify(file)))
    return {
      error: summary.error,
      sites: theirs.slice(0, MOST).map((site) => ({
        function: site.function,
        file: relativeTo(root, site.file),
        line: site.line,
        column: site.column,
        domain: site.domain,
        self: site.self,
        total: site.total,
        live: site.live,
      })),
    }
  } finally {
    reader.close() // not `using`: the contexts of Vitest's vm pools have no Symbol.dispose on Node 20
  }
}
