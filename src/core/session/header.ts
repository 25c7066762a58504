import type { Header } from '../format/header.js'
import { threadId } from '../thread.js'
import type { Settings } from './options.js'

/**
 * What the first record of a profile says about the recording and the process it was made in. The addon, which chooses
 * the source, adds `startTime`, `source` and `sourceReason`.
 */
export function header(settings: Settings): Omit<Header, 'startTime' | 'source' | 'sourceReason'> {
  const { sampling, stackDepth, domains, exactLines, seed } = settings
  return {
    pid: process.pid,
    thread: threadId(),
    node: process.version,
    v8: process.versions.v8,
    platform: process.platform,
    arch: process.arch,
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
