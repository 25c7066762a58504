import { dedented } from './dedent.js'

/** Where the runner keeps the snapshots of a file: the part of `SnapshotState` that is the same in Jest and Vitest. */
export interface RunnerState {
  readonly snapshotPath?: string
  readonly _snapshotPath?: string
  readonly _snapshotData: Readonly<Record<string, string | undefined>>
  readonly _counters: ReadonlyMap<string, number>
  readonly _uncheckedKeys: Set<string>
  /** Of Vitest: where the inline snapshots are that it has seen; columns from 0. */
  readonly _inlineSnapshotStacks?: readonly { readonly line: number; readonly column: number }[]
  _updateSnapshot: 'all' | 'new' | 'none'
  match(options: Record<string, unknown>): { readonly pass: boolean; readonly key: string }
}

/** What a runner knows of a snapshot that an assertion asks for. */
export interface AskedSnapshot {
  readonly state: RunnerState
  /** The name of the test, with the hint, as the runner writes it in keys. */
  readonly name: string
  /** What the runner wants to be given besides: which test it is. */
  readonly test: Readonly<Record<string, unknown>>
  /** Given when the snapshot stands in the source: its text, and the call. */
  readonly inline?: { readonly text: string | undefined; readonly call: Error } | undefined
}

/** Marks what {@link serializer} prints. */
const MARK = Symbol.for('heapproof.snapshot')

/** For `addSnapshotSerializer`: the text of a heap snapshot is stored as it is, in both runners the same bytes. */
export const serializer = {
  test: (value: unknown): boolean =>
    typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true,
  serialize: (value: unknown): string => (value as { text: string }).text,
}

/** A snapshot that an assertion asks for, before it is compared. */
export class StoredSnapshot {
  readonly key: string
  readonly #asked: AskedSnapshot

  constructor(asked: AskedSnapshot) {
    this.#asked = asked
    const { state, name } = asked
    const keyOf = (of: string) => `${of} ${(state._counters.get(name) ?? 0) + 1}`
    const escaped = keyOf(
      name.replace(/\r\n|\r|\n/g, (end) => (end === '\r\n' ? '\\r\\n' : end === '\r' ? '\\r' : '\\n')),
    )
    // Newer versions of Jest write line ends of names this way.
    this.key = escaped in state._snapshotData ? escaped : keyOf(name)
  }

  /** Whether the runner writes everything, what is new, or nothing. */
  get mode(): 'all' | 'new' | 'none' {
    return this.#asked.state._updateSnapshot
  }

  /** Path of the file that stores it; undefined when it is inline. */
  get path(): string | undefined {
    const { state, inline } = this.#asked
    return inline === undefined ? (state.snapshotPath ?? state._snapshotPath ?? '') : undefined
  }

  /** Says that it is still wanted: an update must not remove it because something goes wrong before it is compared. */
  keep(): void {
    this.#asked.state._uncheckedKeys.delete(this.key)
  }

  /** Line and column, from 1, of an inline snapshot's call in a file; known when it is settled. */
  position(file: string): { line: number; column: number } | undefined {
    const { state, inline } = this.#asked
    if (inline === undefined) return undefined
    const known = state._inlineSnapshotStacks?.at(-1)
    if (known !== undefined) return { line: known.line, column: known.column + 1 }
    const frame = inline.call.stack?.split('\n').find((line) => line.includes(file))
    const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? '') ?? []
    return line === undefined ? undefined : { line: Number(line), column: Number(column) }
  }

  /** Its text; undefined when there is none yet. */
  get text(): string | undefined {
    const { inline, state } = this.#asked
    const text = inline === undefined ? state._snapshotData[this.key] : inline.text
    return text === undefined || text.trim() === '' ? undefined : dedented(text)
  }

  /**
   * Hands the runner the text that there should be: it compares, counts, and writes as it would any other. With `isNews` it
   * writes although there is another text, unless it writes nothing at all.
   *
   * @returns whether the assertion holds
   */
  settle(text: string, isNews = false): boolean {
    const { state, name, test, inline } = this.#asked
    const mode = state._updateSnapshot
    if (isNews && mode === 'new') state._updateSnapshot = 'all'
    try {
      const stored = this.text
      const expected =
        stored === text ? withLineBreaks(text) : stored === undefined ? undefined : inline?.text
      return state.match({
        ...test,
        testName: name,
        received: { [MARK]: true, text },
        isInline: inline !== undefined,
        inlineSnapshot: expected,
        error: inline?.call,
        assertionName: 'toMatchInlineHeapSnapshot',
      }).pass
    } finally {
      state._updateSnapshot = mode
    }
  }
}

/** As runners put it around a text of several lines. */
function withLineBreaks(text: string): string {
  return text.includes('\n') ? `\n${text}\n` : text
}
