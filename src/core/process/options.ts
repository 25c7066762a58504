import { HeapproofError } from '../errors.js'
import { checkFileBase, domainList, MAX_SAMPLING_INTERVAL, MAX_STACK_DEPTH } from '../session/options.js'
import { boolean, checkOptions, integer, type OptionRule, text } from '../text/options.js'
import { show } from '../text/show.js'
import type { Domain } from '../types.js'

/** How {@link measureProcess} runs a command and measures it. */
export interface ProcessOptions {
  /** Working directory. Default that of this process. */
  readonly cwd?: string
  /** Environment variables, in place of those of this process. Its NODE_OPTIONS are kept, with ours before them. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What the command reads from its stdin. Default nothing. */
  readonly input?: string | Uint8Array
  /** Milliseconds after which the command is ended, 1 to 2,147,483,647. Default never. */
  readonly timeout?: number
  /** Ends the command; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal
  /** Whether the Node processes that the command's own processes start are counted too. Default true. */
  readonly children?: boolean
  /** Whether worker threads are counted too. Default true. */
  readonly workers?: boolean
  /** What is counted. Default everything that can be counted on this platform. */
  readonly domains?: readonly Domain[]
  /** Mean bytes between two samples, 1 to 1,073,741,824. Default 131,072. */
  readonly samplingInterval?: number
  /** Frames kept of each stack, 1 to 1024. Default 128. */
  readonly stackDepth?: number
  /** See `StartOptions.exactLines`. Default true. */
  readonly exactLines?: boolean
  /** Where to keep the profile, all processes and threads in one, without extension. Default: it is not kept. */
  readonly fileBase?: string
}

const LONGEST_TIMEOUT = 2 ** 31 - 1

const record = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const env: OptionRule = (value) =>
  record(value) &&
  Object.values(value as object).every((item) => ['string', 'undefined'].includes(typeof item))
    ? undefined
    : 'an object whose values are strings'

const input: OptionRule = (value) =>
  typeof value === 'string' || ArrayBuffer.isView(value) ? undefined : 'a string or bytes'

const signal: OptionRule = (value) =>
  record(value) && typeof (value as AbortSignal).aborted === 'boolean' ? undefined : 'an AbortSignal'

const rules = {
  cwd: text,
  env,
  input,
  timeout: integer(1, LONGEST_TIMEOUT),
  signal,
  children: boolean,
  workers: boolean,
  domains: domainList,
  samplingInterval: integer(1, MAX_SAMPLING_INTERVAL),
  stackDepth: integer(1, MAX_STACK_DEPTH),
  exactLines: boolean,
  fileBase: text,
}

/** @throws HeapproofError `invalid-argument`. */
export function checkProcessOptions(options: ProcessOptions | undefined): ProcessOptions {
  const given = checkOptions('measureProcess', options, rules)
  if (given.fileBase !== undefined) checkFileBase(given.fileBase)
  return given
}

/** @throws HeapproofError `invalid-argument`. */
export function checkCommand(command: unknown, args: unknown): void {
  if (typeof command !== 'string' || command === '' || command.includes('\0')) {
    throw new HeapproofError(
      'invalid-argument',
      `measureProcess: expected the name or path of a command, received ${show(command)}`,
    )
  }
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string' && !arg.includes('\0'))) {
    throw new HeapproofError(
      'invalid-argument',
      `measureProcess: expected a list of strings as arguments, received ${show(args)}`,
    )
  }
}
