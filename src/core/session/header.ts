import { performance } from 'node:perf_hooks' // not the global one, which a test's fake timers replace
import { threadId } from 'node:worker_threads'
import type { Header } from '../format/header.js'
import type { Settings } from './options.js'

/**
 * What the first record of a profile says about the recording and the process it was made in. The addon, which chooses
 * the source, adds `source` and `sourceReason`.
 */
export function header(settings: Settings): Omit<Header, 'source' | 'sourceReason'> {
  const { sampling, stackDepth, domains, exactLines, seed } = settings
  return {
    pid: process.pid,
    thread: threadId,
    node: process.version,
    v8: process.versions.v8,
    platform: process.platform,
    arch: process.arch,
    startTime: performance.timeOrigin + performance.now(),
    sampling,
    samplingInterval: 'interval' in sampling ? sampling.interval : 0,
    stackDepth,
    domains,
    exactLines,
    seed: seed === 0 ? undefined : seed,
    command: process.argv,
    flags: process.execArgv,
  }
}
