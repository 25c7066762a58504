import { expect } from 'vitest'

/** What leaks in the third line of a module. Of the closure V8's optimised code allocates all at the function's start. */
export const LEAKS = [
  ['an array', 'kept.push([1, 2, 3, 4])'],
  ['a closure', 'const list = [1, 2, 3, 4]; kept.push(() => list)'],
] as const

const NAMES = ['a', 'b', 'c', 'd']

/** Files of modules that read alike, and of a test for each: what stays of a call must be too much. `head` imports. */
export function leakingFiles(leak: string, head: (module: string) => string): Record<string, string> {
  const files = NAMES.flatMap((name) => [
    [`${name}.cjs`, `const kept = []\nexports.work = () => {\n  ${leak}\n}\n`],
    [
      `${name}.test.js`,
      `${head(`./${name}.cjs`)}
      test('${name}', async () => { await expect(work).toRetainLessThan('10 B') }, 60_000)`,
    ],
  ])
  return Object.fromEntries(files)
}

/** Whether of each the line is named that leaks most, and no file of another. */
export function leaksAreNamed(
  tests: ReadonlyMap<string, { message?: string | undefined }>,
  output: string,
): void {
  for (const name of NAMES) {
    const message = tests.get(name)?.message ?? output
    const [, site] = /% +exports\.work +(\S+)$/m.exec(message) ?? []
    expect(site, message).toMatch(new RegExp(`(^|/)${name}\\.cjs:3:\\d+$`))
    for (const other of NAMES.filter((each) => each !== name)) expect(message).not.toContain(`${other}.cjs`)
  }
}
