const { setFlagsFromString } = require('node:v8')
setFlagsFromString('--no-sparkplug')
setFlagsFromString('--no-maglev')
