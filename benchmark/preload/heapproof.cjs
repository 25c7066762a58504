// Loads the native half: it counts from here on, and knows the lines of what is compiled.
require('../../dist/index.cjs').isProfiling()
