import { join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'
import { finished } from './process.mjs'

/** `npm run test:native`: the native half under the sanitizers of addresses, undefined behaviour and threads. */
export async function sanitizers() {
  const { code, stdout, stderr } = await finished(process.execPath, [join(root, 'test/test-native.mjs')], {
    cwd: root,
  })
  const failures = stdout.split('\n').filter((line) => line.startsWith('not ok'))
  if (code !== 0 && failures.length === 0) failures.push(stderr.slice(0, 500))
  return [
    {
      what: 'the native half under ASAN, UBSAN and TSAN',
      tries: /^Tests: (\d+) passed/m.exec(stdout)?.[1]?.concat(' tests') ?? 'did not run',
      failures,
    },
  ]
}
