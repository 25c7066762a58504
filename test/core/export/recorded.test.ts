import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { viewOf } from '../../../src/core/export/view.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { folderWith } from '../../support/command-line.js'
import { openInSpeedscope } from './speedscope-reader.js'
import { decodePprof, exported, sum, totals } from './support.js'

const kept: unknown[] = []

function keepObjects(): void {
  for (let i = 0; i < 100_000; i++) kept.push({ i })
}

function dropBuffers(): void {
  for (let i = 0; i < 100; i++) new ArrayBuffer(10_000)
}

afterEach(() => {
  stop()
  kept.length = 0
})

/** A recording of what the two functions allocate. */
function recorded(): Reader {
  const base = join(folderWith(), 'run')
  start(base, { samplingInterval: 4096 })
  keepObjects()
  dropBuffers()
  stop()
  return read(base)
}

test('every format says of a real recording what the view says', async () => {
  using reader = recorded()
  const total = totals(viewOf([reader]))
  expect(total.allocated).toBeGreaterThan(2e6)
  const { samples } = decodePprof(await exported(reader, 'pprof'))
  expect(sum(samples.map(({ values }) => values.alloc_space as number))).toBe(Math.round(total.allocated))
  expect(sum(samples.map(({ values }) => values.inuse_space as number))).toBe(Math.round(total.live))
  const here = (name: string) =>
    samples.filter(({ stack }) => stack[0]?.startsWith(`${name} ${import.meta.filename}:`))
  const bytes = (name: string) => sum(here(name).map(({ values }) => values.alloc_space as number))
  expect(bytes('keepObjects')).toBeGreaterThan(1e6)
  expect(bytes('dropBuffers')).toBeGreaterThan(900_000)
  expect(here('dropBuffers').map(({ labels }) => labels.domain)).toContain('arrayBuffer')

  const weight = async (name: string, format: 'collapsed' | 'heapprofile') => {
    const profiles = await openInSpeedscope(name, await exported(reader, format, { value: 'live' }))
    return sum(profiles.map((profile) => profile.getTotalWeight()))
  }
  expect(await weight('a.heapprofile', 'heapprofile')).toBe(Math.round(total.live))
  expect(await weight('a.collapsedstack.txt', 'collapsed')).toBe(Math.round(total.live))
})

/** Google's pprof, by itself or as Debian's and everybody's Go brings it. */
const pprof = [['pprof'], ['google-pprof'], ['go', 'tool', 'pprof']].find(([command, ...args]) =>
  spawnSync(command as string, [...args, '-h'], { encoding: 'utf8' }).stderr?.includes('-sample_index'),
)

test.skipIf(pprof === undefined)("Google's pprof reads it", async () => {
  using reader = recorded()
  const view = viewOf([reader])
  const folder = folderWith()
  writeFileSync(join(folder, 'a.pb.gz'), await exported(reader, 'pprof'))
  const [command, ...args] = pprof as [string, ...string[]]
  const run = (...options: string[]): string => {
    const all = [...args, ...options, 'a.pb.gz']
    const { status, stdout, stderr } = spawnSync(command, all, { cwd: folder, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    return stdout
  }
  const top = (index: string) => run('-top', '-lines', '-unit=B', '-nodefraction=0', `-sample_index=${index}`)
  const totalOf = (text: string) => Number(/of (\d+)B? total/.exec(text)?.[1])
  const { allocated, live } = totals(view)
  const space = top('alloc_space')
  expect(totalOf(space)).toBe(Math.round(allocated))
  expect(totalOf(top('inuse_space'))).toBe(Math.round(live))
  expect(space).toMatch(/ keepObjects .*recorded\.test\.ts:\d+/)
  const tagged = run('-top', '-unit=B', '-tagfocus=domain=arrayBuffer', '-sample_index=alloc_space')
  expect(tagged).toMatch(/ dropBuffers$/m)
  expect(tagged).not.toMatch(/ keepObjects$/m)
  expect(run('-raw')).toMatch(
    /alloc_objects\/count alloc_space\/bytes\[dflt\] inuse_objects\/count inuse_space\/bytes/,
  )
})
