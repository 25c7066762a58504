import { createRequire } from 'node:module'
import { bundle } from '../paths.mjs'

export const { getSamplerMemory, read, start, stop, takeSnapshot } = createRequire(import.meta.url)(
  bundle('index.cjs'),
)
