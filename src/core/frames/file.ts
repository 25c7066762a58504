import { isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The path a file: URL stands for, without its query; any other URL or path as it is. */
export function fileOfUrl(url: string): string {
  if (!url.startsWith('file://')) return url
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
