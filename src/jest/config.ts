import { join } from 'node:path'
import { bracketRules, checkBracketOptions } from '../core/bracket/options.js'
import { makeThreadsSteady, steadyFlags } from '../core/bracket/steady.js'
import { packageRoot } from '../core/package-root.js'
import { checkReportOptions, reportRule } from '../core/report/options.js'
import { snapshotSettings, snapshotsRule } from '../core/snapshot/options.js'
import { startReproducibly } from '../core/snapshot/reproducible.js'
import { checkOptions } from '../core/text/options.js'
import { type HeapproofOptions, OPTIONS } from './options.js'

export type { HeapLimits } from '../core/bracket/limits.js'
export type { LimitsFor, ProfileOptions } from '../core/bracket/options.js'
export type { ReportOptions } from '../core/report/options.js'
export type { HeapproofOptions }

/** The part of a configuration of Jest that we read and write. */
interface Config {
  projects?: unknown[]
  testRunner?: string
  setupFilesAfterEnv?: string[]
  reporters?: unknown[]
  globals?: object
  testLocationInResults?: boolean
  workerIdleMemoryLimit?: number | string
}

/** Names by which Jest knows its own runner. */
const CIRCUS = /^(?:jest-)?circus$|jest-circus[\\/](?:build[\\/])?runner(?:\.js)?$/

/**
 * A configuration of Jest with heapproof in it: `export default withHeapproof({ ... })` in jest.config gives every test
 * the matchers and `heapLimit`, measures its body, holds it to the limits in `options` and reports at the end of the run.
 * What is in the configuration stays: set-up files, reporters, environments, presets, transforms. Of several `projects`
 * each one that is written out is changed; those in files of their own call it there, with `report: false`.
 *
 * A test runner of your own stays as well, and then bodies of tests are not measured: what is left are the matchers.
 *
 * @throws HeapproofError `invalid-argument`, `invalid-size` for an option that cannot be.
 */
export function withHeapproof<C extends object>(config: C, options?: HeapproofOptions): C
export function withHeapproof<C extends object>(
  config: () => C | Promise<C>,
  options?: HeapproofOptions,
): () => Promise<C>
export function withHeapproof(config: Config | (() => Config | Promise<Config>), options?: HeapproofOptions) {
  const given = checkOptions('withHeapproof()', options, {
    ...bracketRules,
    report: reportRule,
    snapshots: snapshotsRule,
  })
  // Jest starts its workers with what its own process was started with.
  if (given.steady ?? true) {
    process.execArgv = steadyFlags(process.execArgv)
    makeThreadsSteady()
  }
  if (snapshotSettings('withHeapproof()', given.snapshots).reproducible) startReproducibly()
  checkBracketOptions('withHeapproof()', given)
  checkReportOptions('withHeapproof() report', given.report)
  if (typeof config === 'function') return async () => changed(await config(), given)
  return changed(config, given)
}

/**
 * Jest runs files in its own process once it knows that they are few and fast, and there V8's options came with the start. It
 * does not when its workers have a limit of memory; Jest 30 still does when `--runInBand` says so. Bytes.
 */
const NO_LIMIT = Number.MAX_SAFE_INTEGER

function needsOptionsOfV8({ steady = true, snapshots }: HeapproofOptions): boolean {
  return steady || snapshotSettings('withHeapproof()', snapshots).reproducible
}

function changed(config: Config, { report, ...bracket }: HeapproofOptions): Config {
  const { projects } = config
  const whole = {
    // Only a whole run may have it, and only that has a report.
    ...(report !== false && needsOptionsOfV8(bracket) && { workerIdleMemoryLimit: NO_LIMIT }),
    ...config,
    ...(projects && { projects: projects.map((each) => (isObject(each) ? project(each, bracket) : each)) }),
    ...(report !== false && {
      reporters: [...(config.reporters ?? ['default']), [inPackage('jest/reporter.cjs'), report ?? {}]],
    }),
  }
  return projects ? whole : project(whole, bracket)
}

function project(config: Config, bracket: Omit<HeapproofOptions, 'report'>): Config {
  const { testRunner, setupFilesAfterEnv = [], globals } = config
  const own = testRunner !== undefined && !CIRCUS.test(testRunner)
  return {
    ...config,
    testRunner: own ? testRunner : inPackage('jest/build/runner.cjs'),
    setupFilesAfterEnv: [inPackage('jest.cjs'), ...setupFilesAfterEnv],
    globals: { ...globals, [OPTIONS]: { ...bracket, mayLocate: config.testLocationInResults === undefined } },
  }
}

/** A bundle of ours: found by the package, since this file is a bundle of each kind. */
function inPackage(bundle: string): string {
  return join(packageRoot(), 'dist', bundle)
}

function isObject(value: unknown): value is Config {
  return typeof value === 'object' && value !== null
}
