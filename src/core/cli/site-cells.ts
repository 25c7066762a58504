import { relativeTo } from '../expect/profiles.js'
import { printable } from '../text/printable.js'
import type { Site } from '../types.js'

const LONGEST_NAME = 40

/** Function and place of a line as the last two cells of a row. Whatever a name holds, a terminal sees letters only. */
export function siteCells({ function: name, file, line, column, domain }: SitePlace): [string, string] {
  return [shortened(printable(name)), placeOf({ file, line, column, domain })]
}

type SitePlace = Pick<Site, 'function' | 'file' | 'line' | 'column' | 'domain'>

function placeOf({ file, line, column, domain }: Omit<SitePlace, 'function'>): string {
  if (file === '') return '(no place known)'
  // A recording of heapprof knows no columns.
  const position = line > 0 ? `:${line}${column > 0 ? `:${column}` : ''}` : ''
  const kind = domain === 'heap' ? '' : domain === 'arrayBuffer' ? ' (array buffer)' : ' (native)'
  return `${printable(relativeTo(process.cwd(), file))}${position}${kind}`
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 3)}...` : name
}
