import { makeThreadsSteady, steadyFlags } from '../core/bracket/steady.js'

/** What says how a project's processes of tests are started. */
export interface Processes {
  readonly pool?: string
  /** Of Vitest 4 and later; */
  execArgv?: string[]
  /** that of 3 has it by pool. */
  poolOptions?: Record<string, { execArgv?: string[] } | undefined>
}

/** Has V8 optimise at the same calls in each run, where tests run. */
export function makeSteady(config: Processes): void {
  if (config.pool === 'threads' || config.pool === 'vmThreads') makeThreadsSteady()
  else startForksWith(config, steadyFlags)
}

/** Threads refuse options of V8: with the pools `threads` and `vmThreads` nothing changes. */
export function startForksWith(config: Processes, flags: (execArgv: readonly string[]) => string[]): void {
  const { pool, poolOptions } = config
  if (pool === 'forks' || pool === 'vmForks') config.execArgv = flags(config.execArgv ?? [])
  if (poolOptions === undefined) return
  for (const each of ['forks', 'vmForks']) {
    const execArgv = flags(poolOptions[each]?.execArgv ?? [])
    poolOptions[each] = { ...poolOptions[each], execArgv }
  }
}
