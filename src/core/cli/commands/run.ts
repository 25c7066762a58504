import type { RunOptions } from '../run-options.js'
import type { CommandFile } from './command-file.js'
import { examples } from './examples.js'

export const run: CommandFile = (heapproof, { endLike }) => {
  heapproof
    .command('run')
    .description(
      'Run a Node program and record what it allocates. `heapproof -o BASE -- script.js` is the same.',
    )
    .usage('[options] -- <script> [args...]')
    .argument('[script]', 'the program, as node takes it')
    .argument('[args...]', 'its arguments')
    .option('-o, --output <base>', 'path of the profile, without an extension (default: heapproof)')
    .option('--interval <bytes>', 'mean bytes between two samples, such as 131072 or 64KiB (default: 131072)')
    .option('--sample <table>', "probabilities by size in place of an interval: '{128: 1e-4, 8192: 0.1}'")
    .option('--depth <frames>', 'frames kept of each stack, 1 to 1024 (default: 128)')
    .option('--domains <list>', 'heap, arrayBuffer, native (default: heap,arrayBuffer)')
    .option('--source <source>', 'of samples of the heap: auto, direct or polled (default: auto)')
    .option('--no-exact-lines', 'faster on Node 24 and later; some lines are those of the function')
    .option('--seed <number>', 'makes the choice of samples repeatable, where it is ours')
    .option('--mode <mode>', 'profile, or stats: count sizes and print a summary (default: profile)')
    .option('--no-children', 'leave out the processes that the program starts')
    .option('--no-workers', 'leave out worker threads')
    .passThroughOptions()
    .addHelpText(
      'after',
      examples(
        ['heapproof run -o profiles/build -- scripts/build.js --release', 'a program with its arguments'],
        ['heapproof run --interval 16KiB -- main.js', 'eight times as many samples as usual'],
        ['heapproof run --domains heap,arrayBuffer,native -- main.js', 'with what add-ons take from malloc'],
        ['heapproof run --mode stats -- main.js', 'how many allocations of which sizes'],
      ),
    )
    .action(async (script: string | undefined, scriptArgs: string[], options: RunOptions) => {
      const { run } = await import('../run.js')
      endLike(await run(script, scriptArgs, options))
    })
}
