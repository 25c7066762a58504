// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what templates escape is tested
import { expect, test } from 'vitest'
import { inlineSnapshot } from '../../../src/core/snapshot-files/inline.js'

/** The snapshot of the first call in a source. */
function inlineOf(source: string) {
  const at = source.indexOf('toMatchInlineHeapSnapshot')
  const lines = source.slice(0, at).split('\n')
  return inlineSnapshot(source, 'a.test.ts', lines.length, (lines.at(-1) as string).length + 1)
}

const CALL = 'toMatchInlineHeapSnapshot'

test('finds the text in the last argument, however the call is written', () => {
  const text = '`\n    node 22\n      1 kB  heap\n    `'
  for (const args of [
    text,
    `${text},`,
    ` /* why */ ${text} // so\n`,
    `{ tolerance: '10%', sites: [1, 2].length }, ${text}`,
    `{ tolerance: \`\${f({ a: ')' })}%\` },\n    ${text},\n`,
    `{ tolerance: a < b ? '(' : /[)]/.source, }, ${text}`,
  ]) {
    const source = `  await expect(f)\n    .${CALL}(${args})\nexpect(\`other\`)`
    const { text: found, replaced } = inlineOf(source)
    expect(found, args).toBe('\n    node 22\n      1 kB  heap\n    ')
    expect(replaced('node 24\n  2 kB  heap'), args).toBe(
      source.replace(text, '`\n    node 24\n      2 kB  heap\n    `'),
    )
  }
  expect(inlineOf(`${CALL}("node 22\\n  1 kB  heap")`).text).toBe('node 22\n  1 kB  heap')
})

test('puts a text in where there is none', () => {
  const text = (indent: string) => `\`\n${indent}  a\n${indent}    b\n${indent}\``
  for (const [before, after] of [
    ['', text('  ')],
    [' ', ` ${text('  ')}`],
    ["{ tolerance: '1%' }", `{ tolerance: '1%' }, ${text('  ')}`],
    ['{ sites: 1 },', `{ sites: 1 }, ${text('  ')},`],
  ]) {
    const { text: found, replaced } = inlineOf(`  expect(f).${CALL}(${before})\n`)
    expect(found).toBeUndefined()
    expect(replaced('a\n  b')).toBe(`  expect(f).${CALL}(${after})\n`)
  }
  expect(inlineOf(`\texpect(f).${CALL}()`).replaced('a')).toBe(`\texpect(f).${CALL}(\`\n\t\ta\n\t\`)`)
  expect(inlineOf(`expect(f).${CALL}()\r\n`).replaced('a')).toBe(`expect(f).${CALL}(\`\r\n  a\r\n\`)\r\n`)
})

test('escapes what a template would read as something else', () => {
  const source = inlineOf(`expect(f).${CALL}()`).replaced('a `b` ${c} \\d')
  expect(source).toContain('a \\`b\\` \\${c} \\\\d')
  expect(inlineOf(source).text).toBe('\n  a `b` ${c} \\d\n')
})

test('says so when the source is not what was run', () => {
  const source = `expect(f).${CALL}(\`a\`)`
  for (const [text, line, column, found] of [
    [source, 1, 1, 'found something else'],
    [source, 7, 11, 'found something else'],
    [source, 1, 999, 'found something else'],
    [`expect(f).${CALL}(\`a`, 1, 11, 'found no end of it'],
    [`expect(f).${CALL}`, 1, 11, 'found no end of it'],
    [`expect(f).${CALL}[0](\`a\`)`, 1, 11, 'found no end of it'],
    [`expect(f).${CALL}(\`\${a}\`)`, 1, 11, 'found a template with values in it'],
  ] as const) {
    expect(() => inlineSnapshot(text, 'a.test.ts', line, column), text).toThrow(
      `a.test.ts:${line}:${column}: expected a call of ${CALL}, as where the run took place, ${found}`,
    )
  }
})
