/** A path as an argument that can be pasted into a shell: as it is, or quoted for `sh` or for the shells of Windows. */
export function shellWord(path: string, platform: NodeJS.Platform = process.platform): string {
  if (/^[\w./@+-]+$/.test(path)) return path
  return platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`
}
