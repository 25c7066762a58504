import { threadId } from 'node:worker_threads'
import type { Header } from '../format/header.js'
import type { Settings } from './options.js'

/** What the first record of a profile says about the recording and the process it was made in. */
export function header(settings: Settings): Header {
  return {
    pid: process.pid,
    thread: threadId,
    node: process.version,
    v8: process.versions.v8,
    platform: process.platform,
    arch: process.arch,
    startTime: performance.timeOrigin + performance.now(),
    ...settings,
    source: 'direct',
    command: process.argv,
    flags: process.execArgv,
  }
}
