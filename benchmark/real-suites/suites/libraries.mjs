import { fileURLToPath } from 'node:url'

export const title = 'ours: images, compilers, servers, streams, Buffers, threads'
export const folder = fileURLToPath(new URL('../libraries', import.meta.url))
export const include = ['*.test.cjs']
