/**
 * One row per way, one column per work: the median as a ratio to that of `nothing`. The first row has the medians
 * themselves.
 *
 * `without`, if given, are the medians of each way for a process that does nothing: they are subtracted before the
 * ratio is taken, so that a short run says what a long one would.
 */
export function tableOf({ runs, works, ways, unit, without }) {
  const value = (work, way) => median(runs, work, way, unit.name) - startOf(work, way)
  const startOf = (work, way) =>
    works[work].program || !without ? 0 : median(without, undefined, way, unit.name)
  const columns = Object.keys(works)
  const rows = Object.keys(ways).map((way) => [
    ways[way].title,
    ...columns.map((work) =>
      way === 'nothing'
        ? unit.show(value(work, way))
        : (value(work, way) / value(work, 'nothing')).toFixed(unit.digits),
    ),
  ])
  return [['', ...columns.map((work) => works[work].title)], ...rows]
}

export const UNITS = {
  cpu: { name: 'cpu', show: (seconds) => `${seconds.toFixed(2)} s`, digits: 2 },
  wall: { name: 'wall', show: (seconds) => `${seconds.toFixed(2)} s`, digits: 2 },
  instructions: { name: 'instructions', show: (count) => `${(count / 1e9).toFixed(2)} G`, digits: 3 },
}

/** Markdown, aligned so that it can be read as it is. */
export function markdown([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length), 3))
  const line = (cells) => `| ${cells.map((cell, i) => pad(cell, widths[i], i)).join(' | ')} |`
  const rule = line(widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)))
  return [line(head), rule, ...rows.map(line)].join('\n')
}

function pad(cell, width, column) {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function median(runs, work, way, name) {
  const values = runs
    .filter((run) => run.way === way && (work === undefined || run.work === work))
    .map((run) => run[name])
    .sort((a, b) => a - b)
  const middle = values.length >> 1
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
}
