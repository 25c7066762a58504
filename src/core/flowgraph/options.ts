import { boolean, checkOptions, type OptionRule } from '../text/options.js'

/** How a flow graph is drawn. */
export interface FlowDrawOptions {
  /** Lines with a smaller share of all bytes are left out, when they are in every compared graph. Default 0.01: 1 %. */
  readonly smallestNode?: number | undefined
  /** Calls with a smaller share are, save the greatest one of each line. Default 0.01. */
  readonly smallestEdge?: number | undefined
  /** Whether lines that do nothing but call one another are one box. Default true. */
  readonly collapse?: boolean | undefined
  /** Whether the text of a box is the larger, the more its own line allocates. Default true. */
  readonly sizeBySelf?: boolean | undefined
}

const share: OptionRule = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a share from 0 to 1'

/** @throws HeapproofError `invalid-argument`. */
export function checkDrawOptions(
  what: string,
  given: FlowDrawOptions | undefined,
): Required<FlowDrawOptions> {
  const rules = { smallestNode: share, smallestEdge: share, collapse: boolean, sizeBySelf: boolean }
  const { smallestNode, smallestEdge, collapse, sizeBySelf } = checkOptions(what, given, rules)
  return {
    smallestNode: smallestNode ?? 0.01,
    smallestEdge: smallestEdge ?? 0.01,
    collapse: collapse ?? true,
    sizeBySelf: sizeBySelf ?? true,
  }
}
