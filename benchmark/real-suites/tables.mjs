import { markdown } from '../table.mjs'

const RUNNERS = { vitest: 'Vitest', jest: 'Jest' }

/** One row for each suite and runner. */
export function suitesTable(results) {
  const columns = {
    suite: ({ name, runner, version }) =>
      `${name}${version === undefined ? '' : ` ${version}`}, ${RUNNERS[runner]}`,
    tests: ({ tests }) => tests,
    'fail anyway': ({ failing }) => failing,
    'other verdict': ({ changed }) => changed,
    crashes: ({ crashes }) => crashes,
    exact: ({ exact, measured }) => percent(exact, measured),
    'with a line': ({ named, sampled }) => percent(named, sampled),
    'changed again': ({ changedAgain }) => changedAgain,
    'snapshots again': ({ snapshots }) => snapshots,
    'CPU, usual': ({ usual }) => usual.toFixed(2),
    'CPU, all': ({ all }) => all.toFixed(2),
  }
  const rows = results.map((each) => Object.values(columns).map((cell) => String(cell(each))))
  return markdown([Object.keys(columns), ...rows])
}

/** The three lines of each suite that allocated most, by Vitest. */
export function linesTable(results) {
  const rows = results
    .filter(({ runner }) => runner === 'vitest')
    .flatMap(({ name, allocated, lines }) =>
      lines.map(({ place, file, line, self }, index) => [
        index === 0 ? `${name}, ${megabytes(allocated)}` : '',
        `${place} ${short(file)}:${line}`,
        megabytes(self),
      ]),
    )
  return markdown([['suite, all of it', 'line', 'of it'], ...rows])
}

const percent = (part, whole) => (whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`)
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

/** Of a dependency the package and what is in it. */
function short(file) {
  return file.split('node_modules/').at(-1)
}
