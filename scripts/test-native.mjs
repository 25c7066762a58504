// Builds the pure C++ half of native/ with its tests, under AddressSanitizer and UndefinedBehaviorSanitizer, and runs it.
// Needs g++ and doctest (Debian: doctest-dev).
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
if (!existsSync('/usr/include/doctest/doctest.h')) {
  console.error('test:native needs doctest: apt-get install doctest-dev')
  process.exit(1)
}
const sources = ['native/base', 'test/native/base'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(folder, name)),
)
const flags = ['-std=gnu++20', '-O1', '-g', '-Wall', '-Wextra', '-fsanitize=address,undefined']
const binary = join(root, 'build', 'test-native')
mkdirSync(dirname(binary), { recursive: true })
execFileSync('g++', [...flags, '-fno-sanitize-recover=all', ...sources, '-o', binary], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = spawnSync(binary, { stdio: 'inherit' }).status ?? 1
