/** What JavaScript remembers of what is under way in this thread. The sampler itself lives in the addon. */
export interface Session {
  /** Recording into files, tracing for the live view alone, or counting sizes. */
  readonly kind: 'recording' | 'live' | 'stats'
  /** Path of the two files without their extensions; undefined without files. */
  readonly fileBase: string | undefined
  /** Nobody in the program asked for it: it ends when somebody asks for another one. See `makeRoom`. */
  readonly quiet?: boolean
  /** Ends it and takes back what it set up in this process. Throws what `stop()` throws. */
  end(): void
}

interface Shared {
  session: Session | undefined
  /** Frames kept of each stack, in the last recording or live view; undefined before the first. */
  stackDepth: number | undefined
}

const key = Symbol.for('heapproof.session')
const holder = globalThis as { [key]?: Shared }

/** One for all copies of heapproof in this realm, ESM and CommonJS alike. */
function shared(): Shared {
  holder[key] ??= { session: undefined, stackDepth: undefined }
  return holder[key]
}

/** The session under way. */
export function currentSession(): Session | undefined {
  return shared().session
}

/** Notes the session under way, or that there is none. */
export function setCurrentSession(session: Session | undefined): void {
  shared().session = session
}

/** Frames kept of each stack, in the last recording or live view; undefined before the first. */
export function lastStackDepth(): number | undefined {
  return shared().stackDepth
}

/** Notes the stack depth of a recording or live view that begins. */
export function setLastStackDepth(depth: number): void {
  shared().stackDepth = depth
}
