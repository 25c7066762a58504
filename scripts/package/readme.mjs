/** A fenced block of a page: its language, the file it is when its first line is a comment with a path, and its text. */
export function blocks(markdown) {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language,
    file: /^(?:\/\/|#) ([\w./-]+\.\w+)$/m.exec(text.split('\n', 1)[0])?.[1],
    text,
  }))
}

/** The block that is this file. */
export function fileOf(readme, name) {
  const found = readme.find(({ file }) => file === name)
  if (found === undefined) throw new Error(`no block of the README is the file ${name}`)
  return found.text
}

/** The block that begins with these words. */
export function outputOf(readme, words) {
  const found = readme.find(({ text }) => text.startsWith(words))
  if (found === undefined) throw new Error(`no block of the README begins with ${words}`)
  return found.text
}

/** Text with every number, and all space, alike: what is left is what does not depend on the machine. */
export function masked(text) {
  return text
    .replaceAll(/[~±]?\d[\d.,]*( [kMG]?B\b| %)?/g, '#')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/gm, '')
    .replaceAll(/\n{2,}/g, '\n')
    .trim()
}
