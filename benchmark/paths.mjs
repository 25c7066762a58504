import { fileURLToPath } from 'node:url'

export const here = fileURLToPath(new URL('.', import.meta.url))
export const child = fileURLToPath(new URL('child.mjs', import.meta.url))

/** A file of preload/, to be required before the program. */
export const preload = (name) => fileURLToPath(new URL(`preload/${name}.cjs`, import.meta.url))

/** A bundle of heapproof, as it was built last. */
export const bundle = (name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url))
