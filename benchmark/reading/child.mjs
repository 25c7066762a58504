import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { ways } from './ways.mjs'

const IO = '/proc/self/io'

const [, , bundle, base, name] = process.argv
const library = await import(pathToFileURL(bundle).href)
const bytesRead = () => Number(/rchar: (\d+)/.exec(readFileSync(IO, 'utf8'))[1])
const hasCounted = existsSync(IO) // by the system, on Linux
const [before, readBefore] = [process.cpuUsage(), hasCounted && bytesRead()]
const note = await ways[name].run(library, base)
const { user, system } = process.cpuUsage(before)
const read = hasCounted ? bytesRead() - readBefore : undefined
const memory = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ seconds: (user + system) / 1e6, memory, read, note }))
