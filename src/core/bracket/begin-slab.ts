import { Buffer } from 'node:buffer'

/** A buffer that small still comes out of a slab; two fill one up. */
const HALF = (Buffer.poolSize >>> 1) - 8

/** Where in a slab its first buffer may lie, in bytes: from Node 26 on at the first multiple of 64 in memory. */
const BEGINNING = 64

/**
 * Has the next small buffer come out of the second half of a fresh slab. Node cuts these out of ArrayBuffers of 8 or, from
 * Node 24 on, 64 KiB: whether a body begins one more would depend on what was cut before it. Allocates one slab.
 */
export function beginSlab(): void {
  for (let tries = 0; tries < 3 && Buffer.allocUnsafe(HALF).byteOffset > BEGINNING; tries++);
}
