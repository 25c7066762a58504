import { relativeTo } from '../expect/profiles.js'
import type { Attempt } from './attempt.js'
import type { Finding, Findings, Judged } from './findings.js'
import type { Kept } from './profiling.js'
import type { TestRecord } from './record.js'

/** Puts together what travels to the report. */
export function recordOf(
  attempt: Attempt,
  findings: Findings,
  judged: readonly Judged[],
  kept: Kept,
  root: string,
): TestRecord {
  const allocated = findings.get('allocated') as Finding
  const heap = Math.max(0, attempt.heap)
  const measuredOf = (kind: 'native' | 'peak' | 'retained') => findings.get(kind)?.measured
  return {
    version: 1,
    allocated: heap + attempt.arrayBuffers,
    heap,
    arrayBuffers: attempt.arrayBuffers,
    native: measuredOf('native'),
    peak: measuredOf('peak'),
    retained: measuredOf('retained'),
    collections: attempt.collections,
    certainty:
      allocated.measured === undefined ? 'unknown' : allocated.reason === '' ? 'exact' : 'approximate',
    settled: isSettled() || undefined,
    workers: attempt.workers,
    reason: allocated.reason,
    limits: judged.map(({ limit, finding, verdict }) => ({
      kind: limit.kind,
      limit: limit.size.bytes,
      measured: finding.measured,
      verdict,
    })),
    sites: kept.sites,
    samplingInterval: kept.samplingInterval,
    samplingError: kept.samplingError,
    ranges: rangesOf(findings),
    partial: kept.partial || undefined,
    profile: kept.profile === undefined ? undefined : relativeTo(root, kept.profile),
  }
}

/** Whether this process was started without TurboFan and Maglev. Node 20 has no Maglev. */
function isSettled(): boolean {
  const off = (...names: string[]) =>
    process.execArgv.some((flag) => names.includes(flag.replace(/^--no-?/, '').replaceAll('_', '-')))
  if (process.execArgv.includes('--jitless')) return true
  return off('opt', 'turbofan') && (off('maglev') || Number.parseInt(process.versions.node, 10) < 22)
}

function rangesOf(findings: Findings): TestRecord['ranges'] {
  const wide = [...findings].filter(([, { measured, low, high }]) => measured !== undefined && low < high)
  return wide.length === 0
    ? undefined
    : Object.fromEntries(wide.map(([kind, { low, high }]) => [kind, [low, high]]))
}

/**
 * Of the records of a test's repetitions the one to report: one that broke a limit, else the one that allocated least,
 * since whatever disturbs a count adds to it.
 */
export function chooseRecord(records: readonly TestRecord[]): TestRecord | undefined {
  const broken = records.filter(({ limits }) => limits.some(({ verdict }) => verdict === 'exceeded'))
  const known = records.filter(({ certainty }) => certainty !== 'unknown')
  const candidates = broken.length > 0 ? broken : known.length > 0 ? known : records
  return [...candidates].sort((a, b) => a.allocated - b.allocated)[0]
}
