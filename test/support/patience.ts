/**
 * For the runs of Vitest and Jest that tests start: on a machine that does much else, a test in them takes longer than the
 * five seconds that it has by itself.
 */
export const PATIENCE = {
  vitest: ['--testTimeout=60000', '--hookTimeout=60000'],
  jest: ['--testTimeout=60000'],
} as const
