/** One line of a price feed. */
export interface Row {
  readonly symbol: string
  readonly time: Date
  readonly price: number
  readonly tags: ReadonlySet<string>
}

/** Parses a feed: one row per line, `symbol;time;price;tag,tag`. Empty lines and comments are skipped. */
export function parseFeed(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseRow)
}

function parseRow(line: string): Row {
  const [symbol = '', time = '', price = '', tags = ''] = line.split(';')
  return {
    symbol,
    time: new Date(Number(time)),
    price: Number(price),
    tags: new Set(tags.split(',')),
  }
}

/** The sum of all prices of a feed, without making a row of any line. */
export function totalPrice(text: string): number {
  let total = 0
  let start = 0
  while (start < text.length) {
    const end = endOfLine(text, start)
    const time = text.indexOf(';', start)
    const price = text.indexOf(';', time + 1)
    total += integerAt(text, price + 1)
    start = end + 1
  }
  return total
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function integerAt(text: string, from: number): number {
  let value = 0
  for (let i = from; text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57; i++) {
    value = value * 10 + text.charCodeAt(i) - 48
  }
  return value
}
