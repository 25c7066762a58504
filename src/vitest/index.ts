import { join } from 'node:path'
import type {} from 'vitest'
import { isAvailable } from '../core/bracket/available.js'
import {
  type BracketOptions,
  bracketRules,
  checkBracketOptions,
  profileSettings,
} from '../core/bracket/options.js'
import type { TestRecord } from '../core/bracket/record.js'
import type { AllocateOptions, NothingOptions, PeakOptions, RetainOptions } from '../core/expect/options.js'
import type { CallOptions } from '../core/measure/options.js'
import { packageRoot } from '../core/package-root.js'
import { checkReportOptions, type ReportOptions, reportRule } from '../core/report/options.js'
import type { HeapSnapshotOptions, SnapshotsOptions } from '../core/snapshot/options.js'
import { snapshotSettings, snapshotsRule } from '../core/snapshot/options.js'
import { reproducibleFlags } from '../core/snapshot/reproducible.js'
import type { Size } from '../core/text/bytes.js'
import { checkOptions } from '../core/text/options.js'
import { makeSteady, type Processes, startForksWith } from './flags.js'
import { addReporter } from './reporter.js'
import type { Provided } from './worker.js'

export { heapLimit } from '../core/bracket/heap-limit.js'
export type { HeapLimits } from '../core/bracket/limits.js'
export type { LimitsFor, ProfileOptions } from '../core/bracket/options.js'
export type {
  AllocateOptions,
  CallOptions,
  HeapSnapshotOptions,
  NothingOptions,
  PeakOptions,
  ReportOptions,
  RetainOptions,
  Size,
  SnapshotsOptions,
  TestRecord,
}

// The import makes TypeScript look for the module.
declare module 'vitest' {
  interface TaskMeta {
    /** What was measured of a test. Reporters find it in `testCase.meta()`. */
    heapproof?: TestRecord
  }
  interface ProvidedContext {
    /** What the plugin hands to its set-up file. */
    heapproof: Provided
  }
}

declare global {
  namespace Chai {
    interface Assertion {
      /**
       * Fails when one call of the received function allocates `limit` or more: on the JavaScript heap and behind
       * ArrayBuffers together, whether or not it is freed again. A function that is over the limit is called again, up
       * to three times, and once or twice more to find the lines that allocate. Await the assertion when the function is
       * asynchronous.
       *
       * @param limit bytes as a number, or a string with a unit: `'5MB'` is 5,000,000 bytes, `'5MiB'` 5,242,880.
       */
      toAllocateLessThan(limit: Size, options?: AllocateOptions): void
      /**
       * Fails when every call of the received function allocates something, after ten calls that do not count. Await the
       * assertion when the function is asynchronous.
       */
      toAllocateNothing(options?: NothingOptions): void
      /**
       * Fails when a call of the received function leaves `limit` or more behind that is still reachable: what is live
       * grows in every round of calls. Fails as well when that cannot be told. Calls the function some hundred times if
       * it is fast, and collects the whole heap after each round. Await it.
       *
       * @param limit bytes a call.
       */
      toRetainLessThan(limit: Size, options?: RetainOptions): Promise<void>
      /**
       * Fails when at some moment of a call `limit` or more is reachable that was not there before it. Fails as well when
       * that cannot be told. Await the assertion when the function is asynchronous.
       */
      toPeakBelow(limit: Size, options?: PeakOptions): void
      /**
       * Fails when one call of the received function allocates more than the snapshot says, beyond what may differ from
       * run to run: in all, or in a function. The first time the snapshot is written. Await the assertion when the
       * function is asynchronous.
       */
      toMatchHeapSnapshot(options?: HeapSnapshotOptions): void
      toMatchHeapSnapshot(hint: string, options?: HeapSnapshotOptions): void
      /** The same, with the snapshot written into the source as the last argument. Vitest 4.1.4 or later. */
      toMatchInlineHeapSnapshot(snapshot?: string): void
      toMatchInlineHeapSnapshot(options: HeapSnapshotOptions, snapshot?: string): void
    }
  }
}

/** Options of the plugin. */
export interface HeapproofOptions extends BracketOptions {
  /** What is reported at the end of a run; `false` for nothing. */
  readonly report?: false | ReportOptions
  /** Heap snapshots; `true`: every test's whole body has one. */
  readonly snapshots?: boolean | SnapshotsOptions
}

/** The part of a Vitest project that the plugin changes; the same in Vitest 3.2, 4 and 5. */
interface Project {
  readonly name: string
  readonly config: Processes & {
    readonly root: string
    setupFiles: string[]
    includeTaskLocation?: boolean
    readonly browser?: { readonly enabled?: boolean }
  }
  provide(key: string, value: unknown): void
}

/** The part of Vitest itself that the plugin reads. */
interface Vitest {
  readonly version: string
  readonly projects: readonly Project[]
  readonly config: {
    readonly coverage?: { readonly enabled?: boolean; readonly provider?: string }
    readonly reporters: unknown[]
  }
}

/** A Vite plugin, as far as Vitest is concerned. Spelt out here so that no version of Vite is forced on anybody. */
export interface HeapproofPlugin {
  readonly name: 'heapproof'
  configureVitest(context: { vitest: unknown; project: unknown }): void
}

/**
 * The Vitest plugin: `plugins: [heapproof()]` in vitest.config.ts gives every test `expect(fn).toAllocateLessThan()`.
 * When one project of several has it (`extends: true`), all have it, except those that run in a browser, where there is no
 * addon.
 *
 * @throws HeapproofError `invalid-argument` for an option it does not know.
 */
export function heapproof(options?: HeapproofOptions): HeapproofPlugin {
  const given = checkOptions('heapproof()', options, {
    ...bracketRules,
    report: reportRule,
    snapshots: snapshotsRule,
  })
  const snapshots = snapshotSettings('heapproof()', given.snapshots)
  const { report, limits, limitsFor } = given
  checkBracketOptions('heapproof()', given)
  const profile = profileSettings('heapproof()', given.profile)
  const reportOptions = checkReportOptions('heapproof() report', report)
  return {
    name: 'heapproof',
    configureVitest(context) {
      const { vitest, project } = context as { vitest: Vitest; project: Project }
      const { coverage } = vitest.config
      const { steady = true } = given
      const shared = {
        cwd: process.cwd(),
        coverage: coverage?.enabled === true && coverage.provider === 'v8',
        instrumented: coverage?.enabled === true,
        runner: `vitest ${Number.parseInt(vitest.version, 10)}`,
        snapshots,
        steady,
        limits,
        limitsFor,
        profile,
        available: isAvailable(given.required ?? true),
      }
      // Projects with a configuration file of their own may not have the plugin.
      const reports = reportOptions !== undefined
      for (const each of new Set([project, ...vitest.projects])) setUp(each, shared, { reports, steady })
      if (reports) addReporter(vitest.config.reporters, reportOptions, snapshots.reproducible)
    },
  }
}

function setUp(
  project: Project,
  shared: Omit<Provided, 'root' | 'project'>,
  { reports, steady }: { reports: boolean; steady: boolean },
): void {
  const { config, name } = project
  const setupFile = join(packageRoot(), 'dist/vitest/dist/setup.js')
  if (config.browser?.enabled || config.setupFiles.includes(setupFile)) return
  config.setupFiles.unshift(setupFile)
  // The report alone says where a test stands; Vitest takes half a millisecond for each test to find out.
  if (reports) config.includeTaskLocation = true
  if (steady) makeSteady(config)
  if (shared.snapshots.reproducible) startForksWith(config, reproducibleFlags)
  const provided: Provided = { ...shared, root: config.root, project: name }
  project.provide('heapproof', provided)
}
