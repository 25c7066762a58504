export const title = 'schemas in TypeScript: closures, JSON, generated code'
export const include = ['src/**/*.test.ts']
// Packages that only these need.
export const leftOut = ['src/v4/classic/tests/to-json-schema.test.ts', 'src/v4/classic/tests/redos.test.ts']
export const isTypeScript = true

/** Its own sources by the names it is published under. */
export function aliases({ exports }) {
  const names = Object.entries(exports).filter(([name, to]) => to['@zod/source'] && !name.includes('*'))
  return Object.fromEntries(names.map(([name, to]) => [`zod${name.slice(1)}`, to['@zod/source']]))
}
