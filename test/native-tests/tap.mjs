// Results as lines of TAP: one per test, and the numbers at the end.
let passed = 0
let failed = 0

export function report(name, ok, details = '') {
  if (ok) passed++
  else failed++
  console.log(`${ok ? 'ok' : 'not ok'} ${passed + failed} - ${name.replaceAll('#', '')}`)
  if (!ok && details !== '') console.log(details.trimEnd().replaceAll(/^/gm, '  # '))
}

/** The last lines. Whether everything passed. */
export function finish() {
  console.log(`1..${passed + failed}`)
  console.log(`Tests: ${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0
}
