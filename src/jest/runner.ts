import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { addon } from '../core/addon.js'
import { isAvailable } from '../core/bracket/available.js'
import { measureEmptyCost } from '../core/bracket/empty-cost.js'
import { limitsFor } from '../core/bracket/limits-for.js'
import { profileSettings } from '../core/bracket/options.js'
import { endFile, type Profiling } from '../core/bracket/profiling.js'
import { FileRecorder } from '../core/bracket/recorder.js'
import type { TryResult } from '../core/bracket/run-try.js'
import { bracketState } from '../core/bracket/state.js'
import { ProfileKeeper } from '../core/expect/profiles.js'
import type { ResolveSourceMap } from '../core/frames/annotate.js'
import { keepAside } from '../core/measure/aside.js'
import { prepare } from '../core/measure/prepare.js'
import { shareState } from '../core/realms.js'
import { environmentOf } from '../core/snapshot/environment.js'
import { SnapshotLog } from '../core/snapshot/log.js'
import { snapshotSettings } from '../core/snapshot/options.js'
import type { Co } from './bracket/body.js'
import {
  circusRunner,
  type Environment,
  type GlobalConfig,
  type Runtime,
  requireOfJest,
  type TestRunner,
} from './bracket/circus.js'
import { Tests } from './bracket/tests.js'
import { OPTIONS, type RunnerOptions } from './options.js'
import { hand } from './realm.js'
import { type ExpectState, type FileSnapshots, snapshotsOf } from './snapshots.js'

/** Of this copy of heapproof or another: of several projects, each may have its own. */
const OUR_REPORTER = /[\\/]dist[\\/]jest[\\/]reporter\.cjs$/
const EXPECT = Symbol.for('$$jest-matchers-object')

/** Jest's own runner of tests, with every body measured. For the option `testRunner`. */
const runner: TestRunner = async (globalConfig, config, environment, runtime, testPath, ...rest) => {
  const requireThere = requireOfJest(config.rootDir)
  const circus = circusRunner(requireThere)
  const options = optionsIn(config.globals, environment)
  const located =
    options.mayLocate && reports(globalConfig) ? { ...config, testLocationInResults: true } : config
  const run = () => circus(globalConfig, located, environment, runtime, testPath, ...rest)
  const available = isAvailable(options.required ?? true)

  const root = config.rootDir
  const cwd = process.cwd()
  const coverage = globalConfig.collectCoverage === true && globalConfig.coverageProvider === 'v8'
  const keeper = new ProfileKeeper(root, config.displayName?.name)
  const resolve = sourceMapsOf(runtime)
  const settings = snapshotSettings('withHeapproof()', options.snapshots)
  const snapshots: FileSnapshots = {
    settings,
    environment: environmentOf(nameOfJest(requireThere), globalConfig.collectCoverage === true),
    log: new SnapshotLog(root, config.displayName?.name ?? '', testPath),
    testFile: testPath,
  }
  shareState(environment.global)
  hand(environment.global, {
    root,
    cwd,
    available,
    coverage,
    resolve,
    snapshots,
    fileBase: (file, name) => keeper.fileBase(file, name),
    load: (path) => runtime.requireInternalModule(path),
  })
  if (!available) {
    bracketState().unmeasured = true
    return run()
  }

  prepare({ coverage })
  const native = addon()
  const { steady = true } = options
  if (steady) native.postponeCollections()
  keepAside(native)
  await measureEmptyCost(native)

  const profile = profileSettings('withHeapproof()', options.profile)
  let profiling: Profiling | undefined
  if (profile !== undefined) {
    const { samplingInterval, keep, maxSize } = profile
    profiling = { recorder: new FileRecorder(root, samplingInterval, resolve), keep, keeper, maxSize }
  }
  const bracket = { addon: native, steady, profiling, root, cwd, configuredBy: 'withHeapproof()' }
  const matching = settings.tests ? await import('../core/snapshot/match-test.js') : undefined
  const matchSnapshot =
    matching &&
    ((tried: TryResult | undefined) =>
      matching.matchTest(tried, snapshotsOf(snapshots, expectState(environment)), { root, cwd }))
  const tests = new Tests(bracket, {
    file: testPath,
    limits: await limitsFor(testPath, root, options),
    co: coOf(requireThere, runtime),
    matchSnapshot,
  })
  listen(environment, tests)
  try {
    const result = await run()
    const records = tests.records()
    for (const each of result.testResults) each.heapproof = records.get(each.fullName)?.shift()
    result.heapproof = { root }
    return result
  } finally {
    if (profiling !== undefined) endFile(profiling, root)
    // What timed out in this file has no effect on the next one: its realm is gone by then.
    const { active, running } = bracketState()
    active.clear()
    running.clear()
  }
}

export default runner

/** Takes them out of the realm of the tests, whose globals are none of our business. */
function optionsIn(globals: Readonly<Record<string, unknown>> = {}, environment: Environment): RunnerOptions {
  delete (environment.global as Record<string, unknown>)[OPTIONS]
  return (globals[OPTIONS] ?? {}) as RunnerOptions
}

/**
 * Whether the run has a report of ours: only that says where tests stand. Jest makes the stack of every test for it, and
 * takes it back through source maps: half a millisecond for each.
 */
function reports({ reporters = [] }: GlobalConfig): boolean {
  return reporters.some((reporter) =>
    OUR_REPORTER.test(String(Array.isArray(reporter) ? reporter[0] : reporter)),
  )
}

/** What the `expect` in the realm of the tests knows; its own modules keep it there. */
function expectState(environment: Environment): ExpectState {
  const realm = environment.global as { [EXPECT]?: { readonly state: ExpectState } }
  return realm[EXPECT]?.state ?? {}
}

/** Jest with its major version, for snapshots. */
function nameOfJest(requireThere: NodeJS.Require): string {
  const { version } = requireThere('jest-circus/package.json') as { version: string }
  return `jest ${Number.parseInt(version, 10)}`
}

function listen(environment: Environment, tests: Tests): void {
  const theirs = environment.handleTestEvent?.bind(environment)
  environment.handleTestEvent = (event, state) => {
    const ours = tests.handle(event, state)
    return ours === undefined ? theirs?.(event, state) : ours.then(() => theirs?.(event, state))
  }
}

/** Jest keeps the source maps of what it transformed in files of its cache. */
function sourceMapsOf(runtime: Runtime): ResolveSourceMap {
  return (url) => {
    const map = runtime.getSourceMaps?.()?.get(url.startsWith('file:') ? fileURLToPath(url) : url)
    try {
      return map === undefined ? undefined : readFileSync(map, 'utf8')
    } catch {
      return undefined
    }
  }
}

/** The package that Jest runs generators with, in the realm where Jest uses it. */
function coOf(requireThere: NodeJS.Require, runtime: Runtime): Co | undefined {
  try {
    const co = runtime.requireInternalModule(requireThere.resolve('co')) as { wrap: Co }
    return (fn) => co.wrap(fn)
  } catch {
    return undefined // such a test is measured with what is around it, and its record says so
  }
}
