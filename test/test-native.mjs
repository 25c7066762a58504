// The C++ of native/ under sanitizers: its pure half with tests of its own, and the whole addon in Node. Prints TAP.
// Needs g++, doctest (Debian: doctest-dev), and the headers that come with Node.
import { existsSync } from 'node:fs'
import { testAddon } from './native-tests/addon.mjs'
import { testPureHalf } from './native-tests/pure.mjs'
import { finish } from './native-tests/tap.mjs'

if (!existsSync('/usr/include/doctest/doctest.h')) {
  console.error('test:native needs doctest: apt-get install doctest-dev')
  process.exit(1)
}
await testPureHalf()
await testAddon()
process.exitCode = finish() ? 0 : 1
