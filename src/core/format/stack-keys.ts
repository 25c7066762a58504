import { HeapproofError } from '../errors.js'

const FRAMES = 2 ** 26
const NODES = 2 ** 27

/** Gives each pair of a caller's node and a frame one number, so that a Map of numbers can find the node they make. */
export function stackKey(parent: number, frame: number): number {
  if (frame < FRAMES && parent < NODES) return parent * FRAMES + frame
  throw new HeapproofError(
    'too-large',
    `${parent} stack nodes and ${frame} frames: expected fewer than ${NODES} and ${FRAMES} in one profile`,
  )
}
