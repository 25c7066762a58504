/** Test files for `node:test` are given to the runners through an adapter. */
export function withAdapter(path, text) {
  return path.startsWith('test/') ? text.replaceAll(/(['"])node:test\1/g, "'node-test-adapter'") : text
}
