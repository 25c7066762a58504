export const title = 'CSV: strings, streams of files, callbacks'
export const include = ['tests/node-tests.js', 'tests/test-cases.js']

/** Written for mocha. No line moves. */
export function prepared(path, text) {
  return include.includes(path) ? `const it = require('mocha-adapter'); ${text}` : text
}
