/** Each opens the recording, reads it, and closes it. */
export const ways = {
  open: {
    title: 'open: `read()`',
    run: ({ read }, base) => {
      read(base).close()
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
    },
  },
  events: {
    title: 'walk: `reader.events()`',
    run: ({ read }, base) => {
      const reader = read(base)
      let bytes = 0
      for (const event of reader.events()) if (event.kind === 'alloc') bytes += event.size * event.scale
      reader.close()
    },
  },
}
