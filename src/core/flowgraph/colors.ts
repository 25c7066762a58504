/** A colour for a share from 0 to 1: blue, purple, red, all of them light enough for black text. */
export function shareColor(share: number): string {
  const hue = 210 + 150 * Math.min(1, Math.max(0, share))
  const channel = (offset: number): string => {
    // HSV with a saturation of 0.45 and a value of 1, by the distance of the hue from each of the three colours.
    const distance = Math.abs(((hue + offset) % 360) / 60 - 3)
    const light = Math.min(1, Math.max(0, distance - 1))
    return Math.round(255 * (0.55 + 0.45 * light))
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(0)}${channel(240)}${channel(120)}`
}
