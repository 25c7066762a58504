import { begin } from './begin.js'
import { readData } from './data.js'
import { Page } from './page.js'

begin(readData, (data) => new Page(data))
