// Every Node that a recorded program starts requires this file before anything else, whatever its version and its work:
// so it is small, old in its syntax, and fails at nothing.
const OLDEST = 20

if (Number.parseInt(process.versions.node, 10) >= OLDEST) {
  try {
    require(`${__dirname}/recorder.cjs`)
  } catch {
    // Not even loaded: for instance under Node's permission model. The program goes on alone.
  }
}
