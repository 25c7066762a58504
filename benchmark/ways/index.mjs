// How a program is run. To add a way: an entry in a file beside this one, and that file's name here.
//
// A way has a `title` and `options({ base })`, the options of Node that switch it on; `base` is a path for what it
// writes, in a folder that is removed afterwards. Further: `variables({ base })` for the environment; `package`, when
// it comes from benchmark/package.json.
import { heapProf } from './heap-prof.mjs'
import { heapproof } from './heapproof.mjs'
import { nothing } from './nothing.mjs'
import { peers } from './peers.mjs'
import { flags } from './v8-flags.mjs'

export const ways = { ...nothing, ...flags, ...heapproof, ...heapProf, ...peers }
