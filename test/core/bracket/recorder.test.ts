import { readdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FileRecorder } from '../../../src/core/bracket/recorder.js'
import { temporaryFolder } from '../../support/temporary.js'

const threads = () => readdirSync('/proc/self/task')

test.runIf(process.platform === 'linux')(
  'the threads of a recording stay for those to come, and go with the last',
  async () => {
    const folder = temporaryFolder()
    const recorder = new FileRecorder(folder, 16_384)
    const before = threads()
    const record = () => {
      recorder.start()
      recorder.stop()
      return threads().filter((thread) => !before.includes(thread))
    }
    const begun = record()
    expect(begun).not.toEqual([])
    expect(record()).toEqual(expect.arrayContaining(begun))
    recorder.close()
    await expect.poll(() => threads().filter((thread) => begun.includes(thread))).toEqual([])
    rmSync(folder, { recursive: true })
  },
)
