import { bundle, preload } from '../paths.mjs'

const KIB = 1024

/** As `heapproof run` starts a program; the command's own process is not part of what is measured. */
function recording(kib, what = '', settings = {}) {
  const run = { children: false, workers: false, samplingInterval: kib * KIB, ...settings }
  return {
    title: `heapproof, ${kib} KiB${what}`,
    options: () => ['--require', bundle('preload.cjs')],
    variables: ({ base }) => ({ HEAPPROOF_RUN: JSON.stringify({ ...run, fileBase: base }) }),
  }
}

export const heapproof = {
  counters: {
    title: 'heapproof, counters only',
    options: () => ['--require', preload('heapproof')],
    variables: () => ({ HEAPPROOF_WATCH: '0' }),
  },
  loaded: { title: 'heapproof, loaded', options: () => ['--require', preload('heapproof')] },
  'heapproof-512': recording(512),
  'heapproof-128': recording(128),
  'heapproof-16': recording(16),
  'heapproof-1': recording(1),
  'heapproof-128-native': recording(128, ', native memory too', {
    domains: ['heap', 'arrayBuffer', 'native'],
  }),
  // One sample in a gigabyte: everything is in place, and next to nothing is recorded.
  hooks: {
    ...recording(2 ** 20, '', { domains: ['arrayBuffer', 'native'] }),
    title: 'heapproof, hooks without samples',
  },
  'heapproof-128-polled': recording(128, ', polled', { source: 'polled' }),
  'heapproof-128-maglev': recording(128, ', lines inexact', { exactLines: false }),
}
