import type { Addon } from '../addon.js'
import { BlockReader } from '../format/block.js'
import { findProfile, type Input, InputFile, inputOf } from '../format/files.js'
import { readTables, type Tables } from '../format/hpm.js'
import { currentSession } from '../session/state.js'

/** Names and stacks of the session under way: those of a recording are in its file, behind a flush. */
export function tablesOf(native: Addon): Tables {
  const fileBase = currentSession()?.fileBase
  if (fileBase === undefined) return tablesFrom(inputOf('the live view', native.metadata(), true))
  native.flush()
  const file = new InputFile(findProfile(fileBase).hpm)
  try {
    return tablesFrom(file)
  } finally {
    file.close()
  }
}

function tablesFrom(input: Input): Tables {
  return readTables(input.path, new BlockReader(input, 'M'))
}
