import { isAbsolute, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The URL of a file that is its path behind the scheme: no escapes, nothing to resolve. A test has hundreds of frames. */
const PLAIN = /^file:\/\/(?!.*\/\.{0,2}(?:\/|$))\/[\w./@+-]+$/

/** The path a file: URL stands for, without its query; any other URL or path as it is. */
export function fileOfUrl(url: string): string {
  if (!url.startsWith('file://')) return url
  if (sep === '/' && PLAIN.test(url)) return url.slice('file://'.length)
  try {
    return fileURLToPath(url)
  } catch {
    return url // a host, or a percent sign that encodes nothing: no path can be made of it
  }
}

/** The URL of a script that may be named by its path. */
export function urlOfScript(script: string): string {
  return isAbsolute(script) ? pathToFileURL(script).href : script
}
