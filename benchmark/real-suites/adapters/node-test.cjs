// `node:test` for test files that run by Vitest or Jest: its tests become theirs, what is inside of a test happens here.
'use strict'
const assert = require('node:assert')
const { mock } = require('node:test')

/** What a test is given: `t`. Assertions are counted where a plan says how many there will be. */
class TestContext {
  #plan
  #done = 0
  #settled = withResolvers()
  #queue = Promise.resolve()
  #running = 0
  #hooks = { beforeEach: [], after: [], afterEach: [] }
  assert
  mock = mock
  signal = new AbortController().signal

  constructor(name) {
    this.name = name
    const counted =
      (value) =>
      (...args) => {
        this.#count() // as node:test does, before it is known whether it holds
        return value.apply(assert, args)
      }
    this.assert = Object.fromEntries(
      Object.entries(assert).map(([key, value]) => [key, isAssertion(key, value) ? counted(value) : value]),
    )
  }

  plan(count) {
    this.#plan = count
  }

  before(hook) {
    return hook(this)
  }

  after(hook) {
    this.#hooks.after.push(hook)
  }

  beforeEach(hook) {
    this.#hooks.beforeEach.push(hook)
  }

  afterEach(hook) {
    this.#hooks.afterEach.push(hook)
  }

  diagnostic() {}
  skip() {}
  todo() {}

  /** A test inside of this one: they run one after the other, the first one at once. */
  test(...given) {
    const { name, options, body } = read(given)
    this.#count()
    if (options.skip || options.todo || body === undefined) return Promise.resolve()
    const inner = async () => {
      for (const hook of this.#hooks.beforeEach) await hook(this)
      try {
        await new TestContext(name).run(body)
      } finally {
        for (const hook of this.#hooks.afterEach) await hook(this)
      }
    }
    const ran = this.#running++ === 0 ? inner() : this.#queue.then(inner)
    const ended = ran.finally(() => this.#running--)
    this.#queue = this.#queue.then(() => ended)
    this.#queue.catch(() => {}) // told by run(), even if nobody waits for this one
    return ended
  }

  /** Runs a test to its end; what only computes is over when this returns, and gives no promise. */
  run(body) {
    let result
    try {
      result = body.length > 1 ? called(body, this) : body.call(this, this)
    } catch (error) {
      return this.#ended(Promise.reject(error))
    }
    const isOver =
      typeof result?.then !== 'function' &&
      this.#running === 0 &&
      this.#hooks.after.length === 0 &&
      (this.#plan === undefined || this.#plan === this.#done)
    return isOver ? undefined : this.#ended(result)
  }

  async #ended(result) {
    try {
      await result
      await this.#queue
      if (this.#plan !== undefined && this.#done < this.#plan) await this.#settled.promise
      if (this.#plan !== undefined) assert.equal(this.#done, this.#plan, 'the plan')
    } finally {
      for (const hook of this.#hooks.after) await hook(this)
    }
  }

  #count() {
    if (++this.#done === this.#plan) this.#settled.resolve()
  }
}

function isAssertion(name, value) {
  return typeof value === 'function' && name !== 'strict' && !/^[A-Z]/.test(name)
}

/** A test that calls back when it is over. */
function called(body, context) {
  return new Promise((resolve, reject) => {
    body.call(context, context, (error) => (error ? reject(error) : resolve()))
  })
}

function withResolvers() {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

/** `(name, options, body)`, each of which may be missing. */
function read(given) {
  const name = typeof given[0] === 'string' ? given[0] : (given.find((each) => each?.name)?.name ?? 'a test')
  const options = given.find((each) => typeof each === 'object' && each !== null) ?? {}
  return { name, options, body: given.find((each) => typeof each === 'function') }
}

/** The runner's functions are those of the file that runs now. */
const runner = (name) => globalThis[name]

function define(kind, only) {
  return (...given) => {
    const { name, options, body } = read(given)
    const isOut = options.skip || options.todo || body === undefined
    const register = isOut ? runner(kind).skip : only ? runner(kind).only : runner(kind)
    if (kind === 'describe') register(name, () => body({ name }))
    else register(name, isOut ? () => {} : () => new TestContext(name).run(body), 60_000)
    return Promise.resolve()
  }
}

function variants(kind) {
  const all = define(kind, false)
  all.only = define(kind, true)
  all.skip = (...given) => define(kind, false)(read(given).name, { skip: true }, () => {})
  all.todo = all.skip
  return all
}

const test = variants('test')
const describe = variants('describe')
const hook = (name) => (body) => runner(name)(() => (body.length > 1 ? called(body, {}) : body({})))

module.exports = Object.assign(test, {
  test,
  it: test,
  describe,
  suite: describe,
  before: hook('beforeAll'),
  after: hook('afterAll'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
  mock,
})
