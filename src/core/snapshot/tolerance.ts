import type { Domain } from '../types.js'
import { roundingError, SITE_DIGITS, totalDigits } from './amount.js'
import type { Allowed, Certainty, HeapDigest, StoredRest, StoredSite, StoredTotal } from './types.js'

/**
 * Standard errors between two estimates of the same that are nothing to speak of: chance puts two independent ones farther
 * apart in one of 16,000 cases.
 */
const SURE = 4

/** A part of all bytes that no site is worth a failure for. */
const SLIGHT = 0.01

/** What a line of a snapshot may be off by, in bytes. `tolerance` is what the project or the call allows. */
export function slackOfTotal(
  line: Pick<StoredTotal, 'bytes' | 'allowed' | 'domain'>,
  { certainty, environment }: HeapDigest,
  tolerance: Allowed | undefined,
): number {
  const { bytes, allowed, domain } = line
  const rounding = roundingError(bytes, totalDigits(environment))
  if (allowed !== undefined) return inBytes(allowed, bytes) + rounding
  // The certainty of a disturbed reading is no matter of taste.
  return ofTheCode(bytes, bytes, domain, certainty, tolerance) + certainty.absolute + rounding
}

/**
 * The same for a line whose bytes are estimates from samples. Three numbers to check: 400 kB stored, sampled every 100
 * bytes, of 8 MB in all. The samples of now say that the standard error is 7 kB. Those of then are not stored; objects
 * smaller than the interval make it the root of bytes times interval, here 6.3 kB. Together these are
 * sqrt(7^2 + 6.3^2) = 9.4 kB, four times that 38 kB. A tenth of 400 kB and 32 kB for the compilers, a
 * hundredth of 8 MB, 500 bytes and 5 kB of rounding make it 196 kB.
 *
 * @param error standard error of what was measured now, in bytes
 * @param all bytes of all sites together
 */
export function slackOfSites(
  line: StoredSite | StoredRest,
  { error, all }: { readonly error: number; readonly all: number },
  { certainty, samplingInterval = 1 }: HeapDigest,
  tolerance: Allowed | undefined,
): number {
  const { bytes, allowed } = line
  const rounding = roundingError(bytes, SITE_DIGITS)
  if (allowed !== undefined) return inBytes(allowed, bytes) + rounding
  // An interval of 1 records everything.
  const then = samplingInterval > 1 ? bytes * samplingInterval : 0
  return (
    ofTheCode(bytes, all, line.kind === 'site' ? line.domain : 'heap', certainty, tolerance) +
    SURE * Math.sqrt(error ** 2 + then) +
    SLIGHT * all +
    certainty.absolute +
    rounding
  )
}

/**
 * What the same code may allocate more or less, where nobody says what is allowed. What V8's compilers change of `all` bytes
 * they may change in any function.
 */
function ofTheCode(
  bytes: number,
  all: number,
  domain: Domain,
  { relative, compilers, pools }: Certainty,
  tolerance: Allowed | undefined,
): number {
  if (tolerance !== undefined) return inBytes(tolerance, bytes)
  const besides = {
    heap: Math.min(compilers.bytes, compilers.relative * all),
    arrayBuffer: pools,
    native: 0,
  }
  return relative * bytes + besides[domain]
}

function inBytes(allowed: Allowed, of: number): number {
  return 'bytes' in allowed ? allowed.bytes : allowed.relative * of
}
