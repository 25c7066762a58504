/** The part that is looked at of what all coverage providers write as `coverage-final.json`. */
interface FileCoverage {
  readonly fnMap: Readonly<Record<string, { readonly name: string }>>
  readonly f: Readonly<Record<string, number>>
  readonly statementMap: Readonly<Record<string, { readonly start: { readonly line: number } }>>
  readonly s: Readonly<Record<string, number>>
}

/** Which functions of a file have run, and on which lines something begins that has not. */
export function hits(report: string, file: string) {
  const files = Object.entries(JSON.parse(report) as Record<string, FileCoverage>)
  const found = files.find(([path]) => path.replaceAll('\\', '/').endsWith(`/${file}`))?.[1]
  if (found === undefined) throw new Error(`${file} is not in the coverage report: ${report}`)
  const { fnMap, f, statementMap, s } = found
  const functions = Object.entries(fnMap).map(([id, { name }]) => [name, (f[id] ?? 0) > 0] as const)
  const missed = Object.entries(statementMap).filter(([id]) => s[id] === 0)
  return {
    functions: Object.fromEntries(functions),
    missedLines: [...new Set(missed.map(([, { start }]) => start.line))].sort((a, b) => a - b),
  }
}
