// The suites. To add one: a file beside this one, and a line here.
//
// A suite has the `name` of the package whose folder it is copied from, or `folder` when its tests are here; `include`, globs of
// its test files; and where it needs them `prepared(path, text)`, the text of a file as it is copied, `aliases(manifest)`, what
// imports stand for instead, `leftOut`, globs of files that need what is not installed, and `isTypeScript`.
import * as fastJsonStringify from './fast-json-stringify.mjs'
import * as fastify from './fastify.mjs'
import * as findMyWay from './find-my-way.mjs'
import * as libraries from './libraries.mjs'
import * as papaparse from './papaparse.mjs'
import * as zod from './zod.mjs'

export const suites = {
  zod,
  papaparse,
  'find-my-way': findMyWay,
  'fast-json-stringify': fastJsonStringify,
  fastify,
  libraries,
}
