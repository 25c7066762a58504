/** Of a path on any system, and not of a URL. */
const ABSOLUTE = /^(?:[/\\]|[a-z]:[/\\])/i

/**
 * The folder that all absolute paths of a list are under, with the separator at its end, so that they can be shown
 * without it; `''` when there is none. What is no absolute path, such as `node:fs`, does not count.
 */
export function commonFolder(paths: Iterable<string>): string {
  let common: string | undefined
  for (const path of paths) {
    if (!ABSOLUTE.test(path)) continue
    const folder = path.slice(0, lastSeparator(path) + 1)
    common ??= folder
    while (!folder.startsWith(common)) common = common.slice(0, lastSeparator(common.slice(0, -1)) + 1)
  }
  return common ?? ''
}

function lastSeparator(path: string): number {
  return Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
}
