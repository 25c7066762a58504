import { withAdapter } from './node-test.mjs'

export const title = 'servers of HTTP/1 and 2, streams, plug-ins'
export const include = ['test/**/*.test.js']
export const leftOut = ['test/bundler/**', 'test/build/**'] // packs with webpack; checks sources with eslint
export const prepared = withAdapter
