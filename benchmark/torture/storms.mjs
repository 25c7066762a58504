import { join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'
import { finished, inFolder, LIBRARY } from './process.mjs'

const BINARY = join(root, 'build/Release/heapproof.node')
const folderOf = join(root, 'test/native/fixtures/storms')

const STORMS = [
  {
    what: 'start and stop, 10,000 times: no file, listener, patched pointer or memory is left',
    args: ['start-stop.cjs', LIBRARY, BINARY],
    held: (left) =>
      left.filesAfter === left.filesBefore &&
      left.listeners === 0 &&
      left.pointersAfter === left.pointersBefore &&
      left.residentAfter - left.residentMiddle < 4 << 20,
  },
  {
    what: '100 worker threads that end in every way while the main thread records: every profile is complete',
    args: ['workers.cjs', LIBRARY],
    held: ({ buffers, ends }) =>
      buffers === 100 && ends.stop.complete + ends.end.complete + ends.terminate.complete === 100,
  },
  {
    what: 'four isolates start and stop, with both sources and all domains, while others allocate: 600 rounds',
    args: ['isolates.cjs', LIBRARY],
    held: ({ rounds }) => rounds === 600,
  },
]

/** The programs of test/native/fixtures/storms, each several times. */
export async function storms({ scale }) {
  const times = Math.ceil(5 * scale)
  const rows = []
  for (const { what, args, held } of STORMS) {
    const failures = []
    for (let time = 0; time < times; time++) {
      const { code, signal, stdout, stderr } = await inFolder((folder) =>
        finished(process.execPath, [join(folderOf, args[0]), ...args.slice(1), folder], { cwd: folder }),
      )
      if (code !== 0 || stderr !== '') failures.push(`ended with ${signal ?? code}: ${stderr.slice(0, 300)}`)
      else if (!held(JSON.parse(stdout))) failures.push(stdout.trim())
    }
    rows.push({ what, tries: times === 1 ? 'once' : `${times} times`, failures })
  }
  return rows
}
