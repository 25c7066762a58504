import { isAbsolute, resolve } from 'node:path'
import type { TestRecord } from '../bracket/record.js'
import { relativeTo } from '../expect/profiles.js'
import type { ReportedTest, TestOutcome } from './outcome.js'
import { readRecord } from './read-record.js'

/** Reads the record of a test, and makes all its paths relative to the root of the report. */
export function reported(outcome: TestOutcome, root: string): ReportedTest {
  const { name, line, column, project = '', state } = outcome
  const from = outcome.root ?? root
  const record = readRecord(outcome.record)
  return {
    file: rebase(outcome.file, from, root),
    name,
    line,
    column,
    project,
    state,
    record: record === undefined || from === root ? record : rebaseRecord(record, from, root),
    missing: record === undefined ? missing(outcome.record) : '',
  }
}

function missing(record: unknown): string {
  return record === undefined || record === null
    ? 'they ran where heapproof does not count'
    : 'what was measured is in the form of another version of heapproof'
}

function rebaseRecord(record: TestRecord, from: string, to: string): TestRecord {
  return {
    ...record,
    sites: record.sites.map((site) => ({ ...site, file: rebase(site.file, from, to) })),
    profile: record.profile === undefined ? undefined : rebase(record.profile, from, to),
  }
}

/** Names such as `node:fs` and an empty one stay as they are. */
function rebase(path: string, from: string, to: string): string {
  if (path === '' || (!isAbsolute(path) && /^[a-z][a-z+.-]+:/i.test(path))) return path
  return relativeTo(to, resolve(from, path))
}
