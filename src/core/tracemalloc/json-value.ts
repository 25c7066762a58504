import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'

/**
 * A value out of a JSON file of a stranger, which knows where it was. Each method gives the value as what it should be,
 * or throws HeapproofError `damaged-snapshot` that names the file, the place, what was expected and what came.
 */
export class JsonValue {
  readonly value: unknown
  readonly #path: string
  readonly #parent: JsonValue | undefined
  readonly #key: string | number

  constructor(value: unknown, path: string, parent?: JsonValue, key: string | number = '') {
    this.value = value
    this.#path = path
    this.#parent = parent
    this.#key = key
  }

  isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value)
  }

  object(): Record<string, unknown> {
    return this.isObject() ? (this.value as Record<string, unknown>) : this.#fail('an object')
  }

  /** The field of an object; a value that is undefined when it has none. */
  field(name: string): JsonValue {
    const fields = this.object()
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined
    return new JsonValue(value, this.#path, this, name)
  }

  /** The items of a list, each read by `read`. */
  items<T>(read: (item: JsonValue) => T): T[] {
    const { value } = this
    if (!Array.isArray(value)) return this.#fail('a list')
    return value.map((_, index) => read(this.#item(value, index)))
  }

  /** The items of a list of a known length; more are left for later versions. */
  row<N extends number>(length: N): Row<N> {
    const { value } = this
    if (!Array.isArray(value) || value.length < length) return this.#fail(`a list of ${length} values`)
    return Array.from({ length }, (_, index) => this.#item(value, index)) as unknown as Row<N>
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.#fail('a string')
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.#fail('true or false')
  }

  number(): number {
    return typeof this.value === 'number' && Number.isFinite(this.value) ? this.value : this.#fail('a number')
  }

  /** A number from 0 to 2^53 - 1, with or without a fraction. */
  estimate(): number {
    const value = this.number()
    return value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : this.#fail('a number from 0 to 2^53 - 1')
  }

  integer(): number {
    const value = this.number()
    return value >= 0 && Number.isSafeInteger(value) ? value : this.#fail('a whole number from 0 to 2^53 - 1')
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    return choices.find((choice) => choice === this.value) ?? this.#fail(`one of ${choices.join(', ')}`)
  }

  /** The entry of a table at the position that this value is. */
  entryOf<T>(table: readonly T[]): T {
    const position = this.integer()
    return position < table.length
      ? (table[position] as T)
      : this.#fail(`a position in a table of ${table.length}`)
  }

  #item(list: readonly unknown[], index: number): JsonValue {
    return new JsonValue(list[index], this.#path, this, index)
  }

  #fail(expected: string): never {
    const received = this.value === undefined ? 'nothing' : show(this.value)
    const where = this.#parent === undefined ? 'the file' : this.#where()
    throw new HeapproofError(
      'damaged-snapshot',
      `${this.#path}: ${where}: expected ${expected}, received ${received}`,
    )
  }

  /** `traces[2][6]` */
  #where(): string {
    if (this.#parent === undefined) return ''
    const parent = this.#parent.#where()
    if (typeof this.#key === 'number') return `${parent}[${this.#key}]`
    return parent === '' ? this.#key : `${parent}.${this.#key}`
  }
}

/** So many values. */
type Row<N extends number, Values extends JsonValue[] = []> = Values['length'] extends N
  ? Values
  : Row<N, [...Values, JsonValue]>
