/** What `--help` ends with: commands, and beside each what it does. */
export function examples(...all: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...all.map(([command]) => command.length))
  const lines = all.map(([command, meaning]) => `  ${command.padEnd(width)}   ${meaning}`.trimEnd())
  return `\nExamples:\n${lines.join('\n')}\n`
}

/** Collects an option that may be given several times. */
export function collect(value: string, all: readonly string[] | undefined): readonly string[] {
  return [...(all ?? []), value]
}
