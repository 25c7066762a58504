import { appendFileSync, statSync } from 'node:fs'
import type { SuiteSummary } from '../summarize.js'
import { jobSummary } from './job-summary.js'

/** GitHub refuses the summary of a step, whoever wrote to it, from here on. */
const LARGEST = 1024 * 1024

/**
 * Appends the run to the file that GitHub shows on the page of a job. Returns what went wrong, a sentence, or undefined: a
 * page that could not be written is no reason for a run to fail.
 */
export function appendStepSummary(file: string, summary: SuiteSummary): string | undefined {
  try {
    const there = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    const text = jobSummary(summary, LARGEST - there - 1)
    if (text === '') return `no summary of memory on the page of the job: there is no room in ${file}`
    appendFileSync(file, `\n${text}`) // others may have ended without one
    return undefined
  } catch (error) {
    return `no summary of memory on the page of the job: ${(error as Error).message}`
  }
}
