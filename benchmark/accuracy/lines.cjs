// Records each kind of allocation and says how much of it is on its line:
// node lines.cjs <package entry> <folder> <record-kinds.cjs> <kinds.cjs> cold|warm|hot <[kind, line][]>
'use strict'
const { execFileSync } = require('node:child_process')
const [, , entry, folder, recorder, source, state, kinds] = process.argv
const { read, sites } = require(entry)

// What V8 compiles while it records is memory too: kept out where the state does not need it.
const FLAGS = { cold: ['--no-sparkplug', '--no-maglev', '--no-opt'], warm: ['--no-opt'], hot: [] }

execFileSync(process.execPath, [...FLAGS[state], recorder, entry, folder, state])
const shares = {}
for (const [kind, line] of JSON.parse(kinds)) {
  const profile = read(`${folder}/${kind}`)
  const found = sites(profile).sites
  profile.close()
  const of = (list) => list.reduce((bytes, site) => bytes + site.self, 0)
  const all = of(found.filter((site) => state !== 'cold' || site.file === source))
  const there = of(found.filter((site) => site.file === source && site.line === line))
  shares[kind] = all === 0 ? 'none left' : `${((100 * there) / all).toFixed(1)} %`
}
console.log(JSON.stringify({ version: process.versions.node, shares }))
