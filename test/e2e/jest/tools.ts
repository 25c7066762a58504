import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed } from '../../support/prepared.js'

const here = dirname(fileURLToPath(import.meta.url))

/** The `node_modules` of what people use with a version of Jest. It lies inside our own, where it finds Jest 30. */
export function toolsFor(version: 29 | 30): string {
  return installed(join(here, `tools/jest-${version}`))
}
