import { withAdapter } from './node-test.mjs'

export const title = 'routes of HTTP: small objects, trees of strings'
export const include = ['test/**/*.test.js']
export const prepared = withAdapter
