import { expect, test } from 'vitest'
import { commonFolder } from '../../../src/core/text/common-folder.js'
import { xmlText } from '../../../src/core/text/xml.js'

test.each([
  [[], ''],
  [['/app/src/a.js'], '/app/src/'],
  [['/app/src/a.js', '/app/src/b/c.js'], '/app/src/'],
  [['/app/src/a.js', '/app/srcs/b.js'], '/app/'],
  [['/app/a.js', '/other/b.js'], '/'],
  [['/a.js', 'node:fs', '', '(native)', 'https://host/x.js'], '/'],
  [['node:fs', 'file.js'], ''],
  [['C:\\app\\src\\a.js', 'C:\\app\\b.js'], 'C:\\app\\'],
  [['C:\\a.js', 'D:\\b.js'], ''],
])('the folder of %j', (paths, folder) => {
  expect(commonFolder(paths)).toBe(folder)
})

test('a text for XML', () => {
  expect(xmlText('a\0b\ufffec\ud800\uffff')).toBe('a\\u{0}b\\u{fffe}c\\u{d800}\\u{ffff}')
  expect(xmlText('<&"ünï 😀>')).toBe('<&"ünï 😀>')
})
