import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { read } from '../../src/core/reader.js'
import { type Finished, folderWith, LIBRARY, node, withFilesUpTo } from '../support/command-line.js'

const program = join(packageRoot(), 'test/native/fixtures/storms/disk.cjs')

/** When the disk is full, where files may have so many bytes; and whether any event was written before. */
const CASES = [
  { phase: 'first', bytes: 0, events: 0 },
  { phase: 'first', bytes: 512, events: 0 },
  { phase: 'events', bytes: 4096, events: 0 },
  { phase: 'events', bytes: 300_000, events: 1000 },
  { phase: 'metadata', bytes: 300_000, events: 100 },
  { phase: 'stop', bytes: 16_384, events: 0 },
]

function check(
  { code, signal, stdout, stderr }: Finished,
  base: string,
  error: string,
  events: number,
): void {
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    stop: expect.stringMatching(
      `^sampler-failed: the recording into .* stopped early: write failed: ${error}`,
    ),
  })
  using profile = read(base)
  // The reason can be in the file of events when it was the other one that was full.
  if (profile.end !== undefined) expect(profile.end).toMatch(`write failed: ${error}`)
  expect(Array.from(profile.events()).length).toBeGreaterThanOrEqual(events)
  for (const event of profile.events()) {
    if (event.kind === 'alloc') expect(event.trace).toBeLessThanOrEqual(profile.traceCount)
  }
}

describe('a full disk is an error of stop(), and what was written can be read', () => {
  for (const { phase, bytes, events } of CASES) {
    test(`${phase}: files up to ${bytes} bytes`, () => {
      const cwd = folderWith()
      const base = join(cwd, 'run')
      check(withFilesUpTo(bytes, [program, LIBRARY, base, phase], { cwd }), base, 'EFBIG', events)
    })
  }

  // A file system of its own needs the rights of root; elsewhere the cases above have to do.
  const mounts = (folder: string, bytes: number) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]).status === 0
  for (const { phase, bytes, events } of CASES.filter((each) => each.bytes >= 16_384)) {
    test(`${phase}: a disk of ${bytes} bytes`, () => {
      const cwd = folderWith()
      const disk = join(cwd, 'disk')
      mkdirSync(disk)
      const mounted = mounts(disk, bytes)
      if (mounted) onTestFinished(() => void spawnSync('umount', [disk]))
      const base = join(disk, 'run')
      const args = [program, LIBRARY, base, phase]
      const finished = mounted ? node(args, { cwd }) : withFilesUpTo(bytes, args, { cwd })
      check(finished, base, mounted ? 'ENOSPC' : 'EFBIG', events)
    })
  }
})
