import { statSync } from 'node:fs'

/** Each opens the recording, reads it, and closes it; what it returns stands in the last column. */
export const ways = {
  open: {
    title: 'open: `read()`',
    run: ({ read }, base) => {
      read(base).close()
      return `.hpd ${megabytes(`${base}.hpd`)}, .hpm ${megabytes(`${base}.hpm`)}`
    },
  },
  cursor: {
    title: 'walk: `reader.cursor()`',
    run: ({ read }, base) => {
      const reader = read(base)
      const cursor = reader.cursor()
      let bytes = 0
      while (cursor.next()) if (cursor.kind === 0) bytes += cursor.size * cursor.scale
      reader.close()
      return `${(bytes / 1e9).toFixed(1)} GB allocated`
    },
  },
  events: {
    title: 'walk: `reader.events()`',
    run: ({ read }, base) => {
      const reader = read(base)
      let bytes = 0
      for (const event of reader.events()) if (event.kind === 'alloc') bytes += event.size * event.scale
      reader.close()
      return `${(bytes / 1e9).toFixed(1)} GB allocated`
    },
  },
  peak: {
    title: '`reader.peak()`',
    run: ({ read }, base) => {
      const reader = read(base)
      const { time, bytes } = reader.peak()
      reader.close()
      return `${(bytes / 1e9).toFixed(1)} GB at ${time.toFixed(0)} s`
    },
  },
  digest: {
    title: '`makeDigest({interval: 3})`',
    run: async ({ read }, base) => {
      const reader = read(base)
      await reader.makeDigest({ interval: 3 })
      reader.close()
      return `.hpc ${megabytes(`${base}.hpc`)}`
    },
  },
  usual: {
    title: '`makeDigest()`',
    run: async ({ read }, base) => {
      const reader = read(base)
      await reader.makeDigest()
      reader.close()
      return `.hpc ${megabytes(`${base}.hpc`)}`
    },
  },
  precise: {
    title: '`makeDigest({precision: 0.01})`',
    run: async ({ read }, base) => {
      const reader = read(base)
      await reader.makeDigest({ precision: 0.01 })
      reader.close()
      return `.hpc ${megabytes(`${base}.hpc`)}`
    },
  },
  snapshot: {
    title: '`snapshotAt()` with a digest',
    run: ({ read }, base) => {
      const reader = read(base)
      const { traces } = reader.snapshotAt(reader.duration / 2)
      reader.close()
      return `${traces.length} live traces`
    },
  },
  snapshots: {
    title: '`snapshots()` with a digest, each',
    run: ({ read }, base) => {
      const reader = read(base)
      let count = 0
      for (const { traces } of reader.snapshots()) count += traces.length > 0 ? 1 : 0
      reader.close()
      return `${count} snapshots`
    },
  },
  sites: {
    title: '`sites()`',
    run: ({ read, sites }, base) => {
      const reader = read(base)
      const found = sites(reader).sites.length
      reader.close()
      return `${found} lines`
    },
  },
  ...Object.fromEntries(
    ['pprof', 'speedscope', 'collapsed', 'heapprofile', 'json'].map((format) => [
      format,
      {
        title: `\`exportProfile(reader, '${format}')\``,
        run: (library, base) => exported(library, base, format),
      },
    ]),
  ),
}

async function exported({ exportProfile, read }, base, format) {
  const reader = read(base)
  let bytes = 0
  for await (const chunk of exportProfile(reader, format)) bytes += chunk.length
  reader.close()
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function megabytes(path) {
  return `${(statSync(path).size / 1e6).toFixed(1)} MB`
}
