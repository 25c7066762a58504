import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sweep, temporaryFolder } from './temporary.js'

test('what a process left that is gone is removed, and nothing else', () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  const place = temporaryFolder()
  try {
    for (const name of [`${pid}-gone`, `${process.pid}-here`, 'other']) mkdirSync(join(place, name))
    sweep(place)
    expect(existsSync(join(place, `${pid}-gone`))).toBe(false)
    expect(existsSync(join(place, `${process.pid}-here`))).toBe(true)
    expect(existsSync(join(place, 'other'))).toBe(true)
  } finally {
    rmSync(place, { recursive: true })
  }
})
