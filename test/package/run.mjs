// Runs programs as a user would who knows nothing of this repository.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'

/** Longer than any step takes, by far: a step that hangs ends here, and is not ok. In milliseconds. */
const LONGEST = 300_000

/** Package managers put what they download there, and nowhere else: the first run on a machine is as every other. */
const cache = join(root, '.matrix/package-cache')
const caches = {
  npm_config_cache: join(cache, 'npm'),
  npm_config_store_dir: join(cache, 'pnpm-store'),
  XDG_CACHE_HOME: join(cache, 'xdg'),
  XDG_DATA_HOME: join(cache, 'xdg'),
  XDG_STATE_HOME: join(cache, 'xdg'),
}

/**
 * Runs a command in a folder, without what npm and test runners have put into our own environment, and gives what it
 * printed. Throws when it does not end with this exit code, with all it printed.
 */
export function run(command, args, cwd, env = {}, code = 0) {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_|^VITEST|^JEST|^HEAPPROOF_/i.test(name)),
  )
  const finished = spawnSync(command, args, {
    cwd,
    env: {
      ...clean,
      ...registry(),
      ...caches,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      CI: 'true',
      GITHUB_ACTIONS: '',
      ...env,
    },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST,
    killSignal: 'SIGKILL',
  })
  if (finished.status !== code)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${finished.error?.message ?? finished.signal ?? finished.status}, ` +
        `not with ${code}:\n${finished.stdout}\n${finished.stderr}`,
    )
  return finished
}

/** What npm was told about where packages come from stays; the rest of its environment is about this repository. */
function registry() {
  const kept = /^npm_config_(registry|userconfig|globalconfig|https?_proxy|proxy|noproxy|cafile|strict_ssl)$/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name)))
}
