import { pathToFileURL } from 'node:url'
import { ways } from './ways.mjs'

const [, , bundle, base, name] = process.argv
const library = await import(pathToFileURL(bundle).href)
const begin = performance.now()
const note = await ways[name].run(library, base)
const seconds = (performance.now() - begin) / 1000
const memory = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ seconds, memory, note }))
