import type { TypedReport } from '../report.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const report: CommandFile = (heapproof) => {
  heapproof
    .command('report')
    .description('Write a page to look at: time plot, flame graph, lines and flow graph of any span.')
    .argument('<base>', 'path of the profile, without an extension')
    .option('-o, --output <path>', 'HTML file to write (default: BASE.html)')
    .option('--against <base>', 'another profile: show what grew and what shrank from that one')
    .option('--source-root <folder>', 'show lines of the source files under it (default: the working folder)')
    .option('--no-source', 'show no lines of source')
    .option('--title <text>', 'what the page is called (default: the name of the profile)')
    .addHelpText(
      'after',
      examples(
        ['heapproof report out', 'writes out.html, for any browser'],
        ['heapproof report after --against before -o diff.html', 'what grew and what shrank'],
      ),
    )
    .action(async (base: string, options: TypedReport) => {
      const { reportCommand } = await import('../report.js')
      reportCommand(base, options)
    })
}
