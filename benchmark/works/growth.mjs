// A heap that only grows: nothing is freed, so whatever a profiler keeps per living object adds up.
export const title = 'growth to 500 MB'
export const sizes = { timed: 500, counted: 50 } // megabytes, roughly
const RECORDS_PER_MB = 7000

export function run(size) {
  const records = []
  for (let i = 0; i < size * RECORDS_PER_MB; i++) {
    records.push({ id: i, name: `record ${i}`, values: [i, i + 1, i + 2], parent: records[i >> 1] })
  }
  if (records.length === 0) throw new Error('nothing was kept')
}
