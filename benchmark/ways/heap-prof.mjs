import { dirname } from 'node:path'

const KIB = 1024

function heapProfAt(interval) {
  return {
    title: `node --heap-prof, ${interval / KIB} KiB`,
    options: ({ base }) => [
      '--heap-prof',
      `--heap-prof-interval=${interval}`,
      `--heap-prof-dir=${dirname(base)}`,
    ],
  }
}

/** V8's sampling heap profiler, as Node offers it on the command line. */
export const heapProf = {
  'heap-prof-512': heapProfAt(512 * KIB),
  'heap-prof-128': heapProfAt(128 * KIB),
  'heap-prof-16': heapProfAt(16 * KIB),
  'heap-prof-1': heapProfAt(KIB),
}
