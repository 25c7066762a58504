import { collapsed } from './collapsed.js'
import type { ExportFormat } from './export-profile.js'
import { heapprofile } from './heapprofile.js'
import { json } from './json.js'
import { speedscope } from './speedscope.js'
import type { Value } from './value.js'
import type { ProfileView } from './view.js'

/** A view in one of the formats that are text, in chunks. */
export function textOf(
  view: ProfileView,
  format: Exclude<ExportFormat, 'pprof'>,
  value: Value,
): Iterable<string> {
  switch (format) {
    case 'speedscope':
      return speedscope(view, value)
    case 'collapsed':
      return collapsed(view, value)
    case 'heapprofile':
      return heapprofile(view, value)
    case 'json':
      return json(view)
  }
}
