import { withAdapter } from './node-test.mjs'

export const title = 'code made from schemas, by `new Function`'
export const include = ['test/**/*.test.js']
export const leftOut = ['test/webpack.test.js'] // packs with webpack
export const prepared = withAdapter
