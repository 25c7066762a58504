import type { TypedExport } from '../export.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const exportCommand: CommandFile = (heapproof) => {
  heapproof
    .command('export')
    .description('Write profiles in a format that other tools open. Several are written as one.')
    .argument('<base...>', 'paths of profiles, without an extension')
    .option('-f, --format <format>', 'pprof, speedscope, collapsed, heapprofile, json or heapprof')
    .option('-o, --output <path>', 'file to write, - for stdout (default: -)')
    .option('--all', 'with the profiles of worker threads and child processes')
    .option('--at <time>', 'seconds from the start, peak or end (default: end)')
    .option('--value <value>', 'live or allocated')
    .option('--domain <domain>', 'heap, arrayBuffer or native only')
    .addHelpText(
      'after',
      examples(
        ['heapproof export out -f pprof -o out.pb.gz', 'for go tool pprof'],
        [
          'heapproof export out --all -f speedscope -o out.speedscope.json',
          'with its threads and child processes',
        ],
      ),
    )
    .action(async (bases: string[], options: TypedExport) => {
      const { exportCommand } = await import('../export.js')
      await exportCommand(bases, options)
    })
}
