// Whether a package works with its prebuilt binary in this Node: node check.cjs <folder of the package> <base>
const [, , folder, base] = process.argv
process.env.PREBUILDS_ONLY = '1'
const { measure, read, sites, start, stop } = require(folder)

const rows = []
function allocate() {
  for (let row = 0; row < 100_000; row++) rows.push({ row, next: row + 1 })
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})

async function main() {
  const { allocated } = await measure(() => {})
  if (allocated !== 0) throw new Error(`an empty function reads ${allocated} bytes`)
  start(base, { samplingInterval: 1024 })
  allocate()
  new ArrayBuffer(1_000_000)
  stop()
  using(read(base), (profile) => {
    const top = sites(profile).sites.filter(({ function: name }) => name === 'allocate')
    if (top[0]?.line !== 8)
      throw new Error(`expected line 8, got ${JSON.stringify(sites(profile).sites.slice(0, 3))}`)
    if (profile.header.source !== 'direct') throw new Error(`the source is ${profile.header.source}`)
    console.log(`${process.version}: counts, records, names the line`)
  })
}

function using(profile, work) {
  try {
    work(profile)
  } finally {
    profile.close()
  }
}
