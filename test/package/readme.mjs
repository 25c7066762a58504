import ts from 'typescript'

/** A fenced block of a page: its language, the file it is when its first line is a comment with a path, and its text. */
export function blocks(markdown) {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language,
    file: /^(?:\/\/|#) ([\w./-]+\.\w+)$/m.exec(text.split('\n', 1)[0])?.[1],
    text,
  }))
}

/** The commands of a page that begin with this word, as lists of words: those of indented blocks, without comments. */
export function commands(markdown, word) {
  const lines = [...markdown.matchAll(/^ {4}(\S.*?)(?: +# .*)?$/gm)].map(([, line]) => line.split(' '))
  return lines.filter(([first]) => first === word)
}

/** The block that is this file. */
export function fileOf(readme, name) {
  return only(readme, `is the file ${name}`, ({ file }) => file === name)
}

/** The block in which these words are. */
export function blockWith(readme, words) {
  return only(readme, `has ${words} in it`, ({ text }) => text.includes(words))
}

function only(readme, what, condition) {
  const found = readme.filter(condition)
  if (found.length !== 1)
    throw new Error(`expected one block of the README that ${what}, found ${found.length}`)
  return found[0].text
}

/** TypeScript as a project without a compiler has it. `using`, which Node 20 does not know, is spelled out. */
export function plain(text, module = ts.ModuleKind.ESNext) {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module, target: ts.ScriptTarget.ES2022, removeComments: false },
  })
  return outputText
}

/**
 * Text with every number, and all space, alike: what is left is what does not depend on the machine. Nor does it matter
 * whether V8 disturbed a count.
 */
export function masked(text) {
  return text
    .replaceAll(/[~±]?\d[\d.,]*( [kMG]?B\b| %)?/g, '#')
    .replaceAll(/\((?:exact|approximate: [^;()]+); (?:#|no) collections?\)/g, '(certainty)')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/gm, '')
    .replaceAll(/\n{2,}/g, '\n')
    .trim()
}
