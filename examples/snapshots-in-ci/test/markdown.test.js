import { expect, test } from 'vitest'
import { toHtml } from '../src/markdown.js'

const text = Array.from(
  { length: 300 },
  (_, i) => `# Part ${i}\n\nSome words\nand more.\n\n- one\n- two`,
).join('\n\n')

test('renders', () => {
  expect(toHtml('# A\n\n- b\n- c\n\nd')).toBe('<h1>A</h1>\n<ul><li>b</li><li>c</li></ul>\n<p>d</p>')
})

test('what rendering allocates', () => {
  expect(() => toHtml(text)).toMatchHeapSnapshot({ tolerance: '25%' })
})
