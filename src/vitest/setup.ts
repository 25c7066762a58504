import { createRequire } from 'node:module'
import * as vitest from 'vitest'

// Vite may transform this file, for every test file again, and it alone can tell which `vitest` runs here. The rest is
// loaded by Node, wherever it lies.
const { setUpWorker } = createRequire(import.meta.url)(
  './worker-setup.cjs',
) as typeof import('./worker-setup.js')
/** Computed: Vite looks at every import that is spelt out, and Vitest 5 has no such modules. */
const importOf = (name: string) => import(/* @vite-ignore */ ['vitest', name].join('/'))

await setUpWorker({ ...vitest, importOf })
