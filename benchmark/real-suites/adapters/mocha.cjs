// mocha's `it` for Vitest and Jest: a test may call back when it is over, and `this` sets time-outs.
'use strict'

const context = { timeout() {}, slow() {}, retries() {} }

function adapted(register) {
  return (name, body) => {
    const called = () =>
      new Promise((resolve, reject) => {
        body.call(context, (error) => (error ? reject(error) : resolve()))
      })
    register(name, body.length > 0 ? called : () => body.call(context), 60_000)
  }
}

module.exports = adapted((...given) => globalThis.test(...given))
module.exports.skip = adapted((...given) => globalThis.test.skip(...given))
