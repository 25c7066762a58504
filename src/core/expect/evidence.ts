import { HeapproofError } from '../errors.js'
import type { Job } from '../measure/drive.js'
import type { Instruments } from '../measure/instruments.js'
import { USUAL_DOMAINS } from '../measure/reading.js'
import { type Sampled, type SampleSettings, sample } from '../measure/sample.js'
import type { Domain } from '../types.js'

/** What a sampled run gave, or why there was none. */
export interface Evidence {
  readonly sampled?: Sampled
  readonly refusal?: string
}

type EvidenceSettings = Omit<SampleSettings, 'fileBase' | 'keep' | 'domains'> & {
  readonly domains: readonly Domain[]
}

/**
 * Calls the function under the sampler and keeps the profile. The verdict stands without evidence: what keeps the sampler
 * from working is part of the answer, not an error.
 */
export function* evidence(
  tools: Instruments,
  fn: () => unknown,
  keepAt: (() => string) | undefined,
  settings: EvidenceSettings,
): Job<Evidence> {
  if (tools.isProfiling()) return { refusal: 'a recording is under way, and there can be only one' }
  try {
    const fileBase = keepAt?.()
    const domains = settings.domains === USUAL_DOMAINS ? undefined : settings.domains
    return {
      sampled: yield* sample(tools, fn, { ...settings, domains, fileBase, keep: fileBase !== undefined }),
    }
  } catch (error) {
    if (error instanceof HeapproofError) return { refusal: error.message }
    throw error
  }
}
