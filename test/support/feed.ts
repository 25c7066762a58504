import { fileURLToPath } from 'node:url'

/** File base of a recorded profile; test/fixtures/README.md says of what. */
export const FEED = fileURLToPath(new URL('../fixtures/feed', import.meta.url))

/** A file of what is drawn of it. */
export function drawn(name: string): string {
  return fileURLToPath(new URL(`../fixtures/drawn/${name}`, import.meta.url))
}

/** An image in the documentation of what is drawn of it. */
export function image(name: string): string {
  return fileURLToPath(new URL(`../../docs/images/${name}`, import.meta.url))
}
