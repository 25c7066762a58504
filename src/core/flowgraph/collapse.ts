import type { Arrow, Box, Drawing } from './drawing.js'

/** Of a line's bytes, how many must come along the one call it makes, and along the one that makes it. */
const NEARLY_ALL = 0.99

/**
 * Makes one box of each straight chain: of lines that call one line, which is called from there alone, with nearly all
 * bytes of both on the way between them, in every graph. Such a chain is followed to its end, however long it is.
 *
 *    main 100 → run 100 → parse 99.5 → text 60       main, run, parse → text
 *                                    → rows 39                        → rows
 */
export function collapsedDrawing(drawing: Drawing): Drawing {
  const next = chains(drawing.arrows)
  const followed = new Set(next.values())
  const boxOf = new Map<Box, Box>()
  const boxes: Box[] = []
  const add = (first: Box, chain: readonly Box[]): void => {
    const last = chain.at(-1) as Box
    const box = { lines: chain.flatMap(({ lines }) => lines), self: last.self, total: first.total }
    boxes.push(box)
    for (const member of chain) boxOf.set(member, box)
  }
  for (const box of drawing.boxes) {
    if (followed.has(box)) continue
    const chain = [box]
    for (let at = next.get(box); at !== undefined; at = next.get(at)) chain.push(at)
    add(box, chain)
  }
  // A circle has no beginning: its boxes stay as they are.
  for (const box of drawing.boxes) if (!boxOf.has(box)) add(box, [box])
  const arrows = drawing.arrows
    .filter(({ from, to }) => next.get(from) !== to || boxOf.get(from) !== boxOf.get(to))
    .map(({ from, to, bytes }) => ({ from: boxOf.get(from) as Box, to: boxOf.get(to) as Box, bytes }))
  return { ...drawing, boxes, arrows }
}

/** The line that each line does nothing but call. */
function chains(arrows: readonly Arrow[]): Map<Box, Box> {
  const outgoing = grouped(arrows, 'from')
  const incoming = grouped(arrows, 'to')
  const next = new Map<Box, Box>()
  for (const [box, [arrow, ...others]] of outgoing) {
    if (arrow === undefined || others.length > 0 || arrow.to === box) continue
    if (incoming.get(arrow.to)?.length !== 1) continue
    const carries = ({ total }: Box): boolean =>
      arrow.bytes.every((bytes, graph) => bytes >= NEARLY_ALL * (total[graph] as number))
    if (carries(box) && carries(arrow.to)) next.set(box, arrow.to)
  }
  return next
}

function grouped(arrows: readonly Arrow[], end: 'from' | 'to'): Map<Box, Arrow[]> {
  const groups = new Map<Box, Arrow[]>()
  for (const arrow of arrows) {
    const group = groups.get(arrow[end])
    if (group === undefined) groups.set(arrow[end], [arrow])
    else group.push(arrow)
  }
  return groups
}
