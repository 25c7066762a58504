// Nothing: see start-up.mjs.
