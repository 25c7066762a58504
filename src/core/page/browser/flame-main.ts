import { begin } from './begin.js'
import { readFlameData } from './data.js'
import { FlamePage } from './flame-page.js'

begin(readFlameData, (data) => new FlamePage(data))
