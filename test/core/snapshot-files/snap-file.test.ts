// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what templates escape is tested
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SnapFile } from '../../../src/core/snapshot-files/snap-file.js'

const FILE = `// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html

exports[\`a test 2\`] = \`
one
two
\`;

exports[\`a test 10\`] = \`"of another matcher, with a \\\\ and a \\\` and \\\${x}"\`;
`

const file = (text: string | undefined = FILE, runner = 'vitest 4') => new SnapFile('a.snap', text, runner)

test('reads and replaces one entry, and leaves every other byte', () => {
  const snap = file()
  expect(snap.get('a test 2')).toBe('\none\ntwo\n')
  expect(snap.get('a test 10')).toBe('"of another matcher, with a \\ and a ` and ${x}"')
  expect(snap.get('a test')).toBeUndefined()
  snap.set('a test 2', 'three')
  expect(snap.text).toBe(FILE.replace('one\ntwo', 'three'))
})

test('puts a new entry where the runner would have put it', () => {
  for (const [key, before, after] of [
    ['a test 1', '', 'a test 2'],
    ['a test 3', 'a test 2', 'a test 10'],
    ['b', 'a test 10', ''],
  ] as const) {
    const snap = file()
    snap.set(key, 'new')
    const keys = [...snap.text.matchAll(/exports\[`(.*?)`\]/g)].map(([, found]) => found)
    const at = keys.indexOf(key)
    expect([keys[at - 1] ?? '', keys[at + 1] ?? '']).toEqual([before, after])
    expect(snap.text).toContain(`exports[\`${key}\`] = \`\nnew\n\`;\n`)
    expect(snap.text.replace(`exports[\`${key}\`] = \`\nnew\n\`;\n`, '').replace(/\n\n+/g, '\n')).toBe(
      FILE.replace(/\n\n+/g, '\n'),
    )
    expect(snap.text.endsWith('`;\n')).toBe(true)
    expect(snap.text).not.toContain('\n\n\n')
  }
})

test('begins a new file as its runner does', () => {
  for (const [runner, header] of [
    ['vitest 4', '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html'],
    ['jest 29', '// Jest Snapshot v1, https://goo.gl/fbAQLP'],
    ['jest 30', '// Jest Snapshot v1, https://jestjs.io/docs/snapshot-testing'],
  ] as const) {
    const snap = new SnapFile('a.snap', undefined, runner)
    snap.set('a 1', 'x')
    expect(snap.text).toBe(`${header}\n\nexports[\`a 1\`] = \`\nx\n\`;\n`)
  }
})

test('keeps the line ends of a file', () => {
  const snap = file(FILE.replaceAll('\n', '\r\n'))
  snap.set('a test 2', 'a\nb')
  expect(snap.get('a test 2')).toBe('\na\nb\n')
  expect(snap.text.replaceAll('\r\n', '')).not.toContain('\n')
})

test('nothing in a name or a text becomes code', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (key, value) => {
      const text = value.replaceAll('\r', '')
      const snap = file()
      snap.set(key, text)
      // As Jest reads it; what a file holds besides strings would show.
      const found: Record<string, string> = {}
      new Function('exports', snap.text)(found)
      expect(found).toMatchObject({
        'a test 2': '\none\ntwo\n',
        [key.replaceAll(/\r\n?/g, '\n')]: `\n${text}\n`,
      })
      expect(file(snap.text).get(key)).toBeDefined()
    }),
  )
})

test('says which line of a damaged file is none of its lines', () => {
  const mangled = FILE.replace('`;\n\nexports[`a test 10', '`\n\nexports[`a test 10')
  expect(() => file(mangled).get('a')).toThrow(
    'a.snap, line 3: expected exports[`...`] = `...`; received "exports[`a test 2`] = `"',
  )
  expect(() => file(`${FILE}process.exit(1)\n`).get('a')).toThrow('a.snap, line 9: expected')
  expect(() => file('<<<<<<< ours\n').get('a')).toThrow('a.snap, line 1: expected')
})
