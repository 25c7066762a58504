/** What JavaScript remembers of the recording under way. The sampler itself lives in the addon. */
export interface Session {
  readonly fileBase: string
  /** Takes back what {@link start} set up in this process: the flush timer and the exit listener. */
  release(): void
}

const key = Symbol.for('heapproof.session')
const shared = globalThis as { [key]?: Session | undefined }

/** The session under way: one for all copies of heapproof in this realm, ESM and CommonJS alike. */
export function currentSession(): Session | undefined {
  return shared[key]
}

/** Notes the session under way, or that there is none. */
export function setCurrentSession(session: Session | undefined): void {
  shared[key] = session
}
