// What is measured. To add a piece of work: a file beside this one, and a line here.
//
// A work exports `title`; `sizes.timed` for the clock (a second or two) and `sizes.counted` for instructions, which are
// counted thirty to fifty times more slowly; and `run(size)`. One that is a whole program exports `program` instead. One
// that needs something first exports `prepare()`, which says why when it cannot be had.
import * as buffers from './buffers.mjs'
import * as compile from './compile.mjs'
import * as growth from './growth.mjs'
import * as http from './http.mjs'
import * as native from './native.mjs'
import * as objects from './objects.mjs'
import * as startUp from './start-up.mjs'

export const works = { 'start-up': startUp, http, compile, objects, buffers, native, growth }
