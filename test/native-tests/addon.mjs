import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'
import { compile, folder, sourcesIn } from './compile.mjs'
import { report } from './tap.mjs'

const SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize=vptr']
const storms = join(root, 'test/native/fixtures/storms')
const library = join(root, 'dist/index.cjs')

/** The whole addon under AddressSanitizer in the Node that runs this: programs that use it, and must end well. */
export async function testAddon() {
  const include = headers()
  if (include === undefined) {
    report(
      'the addon under sanitizers',
      false,
      `there are no headers of ${process.version} beside ${process.execPath}`,
    )
    return
  }
  const common = [
    '-std=gnu++20',
    '-O1',
    '-g',
    '-w',
    '-fno-omit-frame-pointer',
    '-fPIC',
    '-fvisibility=hidden',
  ]
  const options = [
    ...common,
    `-I${include}`,
    `-I${createRequire(import.meta.url)('node-addon-api').include_dir}`,
    '-DBUILDING_NODE_EXTENSION',
    '-DNAPI_DISABLE_CPP_EXCEPTIONS',
  ]
  const binary = await compile({
    output: 'addon/build/Release/heapproof.node',
    sources: sourcesIn('native', 'native/base', 'native/v8'),
    options: [...options, ...SANITIZE, '-DNODE_GYP_MODULE_NAME=heapproof'],
    link: ['-shared'],
    from: ['native'],
  })
  const allocating = await compile({
    output: 'allocating/allocating.node',
    sources: ['test/native/fixtures/allocating-addon/addon.cc'],
    options: [...options, '-faligned-new', '-DNODE_GYP_MODULE_NAME=allocating'],
    link: ['-shared'],
    from: ['test/native/fixtures/allocating-addon'],
  })
  execFileSync(process.execPath, [join(root, 'native/build/build-bundles.mjs')], { stdio: 'ignore' })

  const prebuild = join(folder, 'addon')
  program(prebuild, 'all domains, sources, rules and views', 'everything.cjs', (folder) => [
    library,
    folder,
    allocating,
  ])
  program(prebuild, 'recordings one after the other', 'start-stop.cjs', (folder) => [
    library,
    binary,
    folder,
    '400',
  ])
  program(prebuild, 'worker threads that begin and end', 'workers.cjs', (folder) => [library, folder, '24'])
  program(prebuild, 'isolates that start and stop', 'isolates.cjs', (folder) => [library, folder, '40'])
  for (const phase of ['events', 'metadata', 'stop']) {
    const base = (folder) => [library, join(folder, 'run'), phase]
    program(prebuild, `a full disk: ${phase}`, 'disk.cjs', base, 16)
  }
}

// `blocks`: of 512 bytes, how far files may grow.
function program(prebuild, title, file, args, blocks) {
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-sanitized-'))
  const command = [process.execPath, join(storms, file), ...args(folder)]
  const script = `${blocks === undefined ? '' : `ulimit -f ${blocks}; `}exec "$0" "$@"`
  const { status, signal, stdout, stderr } = spawnSync('sh', ['-c', script, ...command], {
    encoding: 'utf8',
    timeout: 300_000,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      HEAPPROOF_PREBUILD: prebuild,
      LD_PRELOAD: ['libasan.so', 'libubsan.so'].map(runtime).join(' '),
      // Node itself leaves plenty to the end of the process.
      ASAN_OPTIONS: 'detect_leaks=0',
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    },
  })
  rmSync(folder, { recursive: true, force: true })
  const ok = status === 0 && !/Sanitizer|runtime error/.test(stderr)
  report(`the addon in Node: ${title}`, ok, `${signal ?? `exit code ${status}`}\n${stdout}\n${stderr}`)
}

function runtime(name) {
  return execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim()
}

function headers() {
  const beside = join(dirname(dirname(process.execPath)), 'include/node')
  return existsSync(join(beside, 'node.h')) ? beside : undefined
}
