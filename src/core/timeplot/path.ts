/** A rectangle of an image, in pixels from its upper left corner, and what its right and upper edge stand for. */
export interface Plane {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly longest: number
  readonly greatest: number
}

/** More points than this to a pixel cannot be told apart. */
const POINTS = 4

/** The `d` of an SVG path through some values over time. */
export function linePath(plane: Plane, times: readonly number[], values: readonly number[]): string {
  const points = thinned(plane, times, values).map((index) => {
    return `${xOf(plane, times[index] as number)} ${yOf(plane, values[index] as number)}`
  })
  return points.length === 0 ? '' : `M${points.join('L')}`
}

/** The same, down to 0 at both ends. */
export function areaPath(plane: Plane, times: readonly number[], values: readonly number[]): string {
  const line = linePath(plane, times, values)
  if (line === '') return ''
  const [first, last] = [times[0] as number, times.at(-1) as number]
  return `${line}L${xOf(plane, last)} ${yOf(plane, 0)}L${xOf(plane, first)} ${yOf(plane, 0)}Z`
}

export function xOf({ left, width, longest }: Plane, time: number): number {
  return rounded(left + width * Math.min(1, Math.max(0, longest > 0 ? time / longest : 0)))
}

export function yOf({ top, height, greatest }: Plane, value: number): number {
  return rounded(top + height * (1 - Math.min(1, Math.max(0, greatest > 0 ? value / greatest : 0))))
}

/** The points to draw: all, or of each column of pixels the first, the least, the greatest and the last. */
function thinned(plane: Plane, times: readonly number[], values: readonly number[]): number[] {
  const all = times.map((_, index) => index)
  if (all.length <= plane.width * POINTS) return all
  const columns = new Map<number, number[]>()
  for (const index of all) {
    const column = Math.floor(xOf(plane, times[index] as number))
    const points = columns.get(column)
    if (points === undefined) columns.set(column, [index, index, index, index])
    else {
      if ((values[index] as number) < (values[points[1] as number] as number)) points[1] = index
      if ((values[index] as number) > (values[points[2] as number] as number)) points[2] = index
      points[3] = index
    }
  }
  return [...columns.values()].flatMap((points) => [...new Set(points)].sort((a, b) => a - b))
}

function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10
}
