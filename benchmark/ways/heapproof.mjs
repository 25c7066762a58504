import { bundle, preload } from '../paths.mjs'

const KIB = 1024

/** As `heapproof run` starts a program; the command's own process is not part of what is measured. */
function recording(samplingInterval) {
  return {
    title: `heapproof, ${samplingInterval / KIB} KiB`,
    options: () => ['--require', bundle('preload.cjs')],
    variables: ({ base }) => ({ HEAPPROOF_RUN: JSON.stringify({ fileBase: base, samplingInterval }) }),
  }
}

export const heapproof = {
  counters: {
    title: 'heapproof, counters only',
    options: () => ['--require', preload('heapproof')],
    variables: () => ({ HEAPPROOF_WATCH: '0' }),
  },
  loaded: { title: 'heapproof, loaded', options: () => ['--require', preload('heapproof')] },
  'heapproof-512': recording(512 * KIB),
  'heapproof-128': recording(128 * KIB),
  'heapproof-16': recording(16 * KIB),
}
