/** A feed of `lines` rows, the same every time. */
export function sampleFeed(lines: number): string {
  const symbols = ['ACME', 'GLOBEX', 'INITECH', 'UMBRELLA', 'HOOLI']
  const rows = Array.from({ length: lines }, (_, i) => {
    const symbol = symbols[i % symbols.length]
    return `${symbol};${1_700_000_000_000 + i * 1000};${100 + (i % 37)};open,${symbol?.toLowerCase()}`
  })
  return rows.join('\n')
}
