/** A command to GitHub Actions: a line of output that shows something beside a line of code. */
export interface WorkflowCommand {
  readonly kind: 'error' | 'warning'
  readonly file: string
  readonly line?: number | undefined
  readonly column?: number | undefined
  readonly title: string
  readonly message: string
}

/**
 * Writes a command in the form that GitHub's runner reads: `::error file=a.js,line=1,col=2,title=t::message`. A percent sign
 * and the ends of lines are escaped everywhere, colons and commas in properties too: else a name could end the command,
 * or begin another.
 */
export function workflowCommand({ kind, file, line, column, title, message }: WorkflowCommand): string {
  const properties = [['file', file]]
  if (line !== undefined) properties.push(['line', String(line)])
  if (line !== undefined && column !== undefined) properties.push(['col', String(column)])
  properties.push(['title', title])
  const written = properties.map(([name, value]) => `${name}=${escapeProperty(value as string)}`)
  return `::${kind} ${written.join(',')}::${escapeData(message)}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
