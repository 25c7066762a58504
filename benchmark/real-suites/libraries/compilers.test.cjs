// TypeScript, esbuild: much code, deep stacks; a process of its own that answers through pipes.
const esbuild = require('esbuild')
const ts = require('typescript')

const source = (count) =>
  Array.from(
    { length: count },
    (_, i) => `export function f${i}<T extends { n: number }>(t: T): number { return t.n + ${i} }`,
  ).join('\n')

test('transpiles', () => {
  const { outputText } = ts.transpileModule(source(500), {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  })
  expect(outputText).toContain('function f499(t)')
})

test('walks a syntax tree', () => {
  const file = ts.createSourceFile('a.ts', source(300), ts.ScriptTarget.ES2022, true)
  let nodes = 0
  const visit = (node) => {
    nodes++
    ts.forEachChild(node, visit)
  }
  visit(file)
  expect(nodes).toBeGreaterThan(3000)
})

test('finds a mistake in types', () => {
  const text = `${source(50)}\nconst wrong: string = f1({ n: 1 })`
  const host = {
    ...ts.createCompilerHost({ noLib: true }),
    getSourceFile: (name) =>
      name === 'a.ts' ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : undefined,
    fileExists: (name) => name === 'a.ts',
  }
  const program = ts.createProgram(['a.ts'], { noLib: true, types: [] }, host)
  const messages = program.getSemanticDiagnostics().map(({ code }) => code)
  expect(messages).toContain(2322)
})

test('transforms by a child process', async () => {
  const { code } = await esbuild.transform(source(300), { loader: 'ts', minify: true })
  expect(code.length).toBeLessThan(source(300).length)
})
