import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The numbers of each suite and runner, of the last time that it was run with one Node. */
export class Results {
  #folder

  constructor(folder) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  add({ name, runner, version, found }) {
    const { tests, failing, changed, crashes, snapshots, evidence, sampled, second, usual, all } = found
    const row = {
      name,
      runner,
      version,
      tests,
      failing: failing.length,
      changed: new Set(changed.map((each) => each.name)).size,
      crashes: crashes.length,
      measured: evidence.measured,
      exact: evidence.exact,
      allocated: evidence.allocated,
      lines: evidence.lines
        .slice(0, 3)
        .map(({ function: place, file, line, self }) => ({ place, file, line, self })),
      sampled: sampled.bytes,
      named: sampled.named,
      changedAgain: second.changed.length,
      snapshots: snapshots.length,
      usual,
      all,
    }
    writeFileSync(join(this.#folder, `${name}-${runner}.json`), JSON.stringify(row))
  }

  all() {
    return readdirSync(this.#folder)
      .sort()
      .map((name) => JSON.parse(readFileSync(join(this.#folder, name), 'utf8')))
  }
}
