// A transform of Jest: TypeScript to JavaScript, with source maps.
'use strict'
const { transformSync } = require('esbuild')

module.exports = {
  process(text, path) {
    const { code, map } = transformSync(text, {
      loader: 'ts',
      format: 'cjs',
      target: 'node20',
      sourcemap: true,
      sourcefile: path,
    })
    return { code, map }
  },
}
