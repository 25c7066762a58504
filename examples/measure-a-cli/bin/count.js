#!/usr/bin/env node
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

// count FILE: how often each word occurs. count --whole FILE: the same, with the whole file read at once.
const args = process.argv.slice(2)
const isWhole = args[0] === '--whole'
const file = args[isWhole ? 1 : 0]
const counts = new Map()

if (isWhole) {
  for (const word of readFileSync(file, 'utf8').split(/\s+/)) count(word)
} else {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    for (const word of line.split(' ')) count(word)
  }
}
const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3)
for (const [word, times] of most) console.log(`${times} ${word}`)

function count(word) {
  if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)
}
