import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'

const binary = join(packageRoot(), 'build/Release/heapproof.node')

/** Runs a script in a process of its own, with `tag`, which differs when V8 would refuse code compiled before. */
function run(script: string, ...flags: string[]): unknown {
  const head = `const addon = require(${JSON.stringify(binary)})
    const v8 = require('node:v8')
    const tag = () => v8.cachedDataVersionTag()
    const before = tag()\n`
  return JSON.parse(execFileSync(process.execPath, [...flags, '-e', head + script], { encoding: 'utf8' }))
}

// Node 20 has none, and in releases of Node 22 the option is there and does nothing.
const maglev = run(`
  v8.setFlagsFromString('--maglev')
  const on = tag()
  v8.setFlagsFromString('--no-maglev')
  console.log(JSON.stringify(on !== tag()))
`)
  ? ['maglev']
  : []

test.each(['allocation-buffer-parking', 'sparkplug', ...maglev])(
  'code compiled before is not refused with %s off, and it is off',
  (name) => {
    const [after, again, on, off] = run(`
      addon.switchOff(${JSON.stringify(name)})
      const after = tag()
      v8.setFlagsFromString('--no-${name}') // changes nothing, or it would be in the tag
      const again = tag()
      v8.setFlagsFromString('--${name}')
      const on = tag()
      v8.setFlagsFromString('--no-${name}')
      console.log(JSON.stringify([after, again, on, tag()].map((each) => each === before)))
    `) as boolean[]
    expect([after, again]).toEqual([true, true])
    // Setting it as anybody does is seen: to on where V8 has it off by itself, else to off.
    expect(on).not.toBe(off)
  },
)

test('functions are not compiled by what was switched off', () => {
  const script = (first: string) => `
    ${first}
    const f = new Function('a', 'return a + 1')
    for (let i = 0; i < 20_000; i++) f(i)
    console.log(JSON.stringify(%ActiveTierIsIgnition(f)))`
  const flags = ['--allow-natives-syntax', '--no-opt', '--no-maglev', '--no-baseline-batch-compilation']
  expect(run(script(''), ...flags)).toBe(false)
  expect(run(script("addon.switchOff('sparkplug')"), ...flags)).toBe(true)
})

test('setting other options does not bring the hidden ones to light', () => {
  const same = run(`
    addon.switchOff('allocation-buffer-parking')
    addon.switchOff('sparkplug')
    addon.setFlags('--stress-flush-code')
    addon.setFlags('--no-stress-flush-code')
    console.log(JSON.stringify(tag() === before))
  `)
  expect(same).toBe(true)
})

test("what the program's own command line has switched off stays as it is", () => {
  const same = run(
    `
    addon.switchOff('sparkplug')
    console.log(JSON.stringify(tag() === before))
  `,
    '--no-sparkplug',
  )
  expect(same).toBe(true)
})
