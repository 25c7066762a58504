import { pathToFileURL } from 'node:url'
import { ways } from './ways.mjs'

const [, , bundle, base, name] = process.argv
const library = await import(pathToFileURL(bundle).href)
const before = process.cpuUsage()
const note = await ways[name].run(library, base)
const { user, system } = process.cpuUsage(before)
const memory = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ seconds: (user + system) / 1e6, memory, note }))
