import { HeapproofError } from '../errors.js'

/**
 * Draws a dot text as an SVG image by the package `@viz-js/viz`, which is Graphviz as WebAssembly. It is not installed
 * with heapproof: it is 5 MB.
 *
 * @throws HeapproofError `viz-not-found`; `cannot-draw` when Graphviz refuses the text.
 */
export async function dotToSvg(dot: string): Promise<string> {
  const { instance } = await loadViz()
  const viz = await instance()
  try {
    const svg = viz.renderString(dot, { format: 'svg' }).replaceAll('font-family="Arial"', FONT)
    return svg.replace(/(<svg[^>]*>)/, `$1\n${DARK}`)
  } catch (error) {
    throw new HeapproofError('cannot-draw', `Graphviz cannot draw the graph: ${(error as Error).message}`)
  }
}

/** Graphviz knows how wide letters are in few fonts; one as wide stands in where it is not installed. */
const FONT = 'font-family="Arial,Helvetica,Liberation Sans,sans-serif"'

/** The boxes keep their colours, as the colours are what tells them apart; all around them turns dark. */
const DARK =
  '<style>@media (prefers-color-scheme: dark) { svg { background: #1c1c1e } ' +
  '.graph > polygon { fill: none } .graph > text, .edge text { fill: #e8e8ea } ' +
  '.edge path { stroke: #9a9aa0 } .edge polygon { stroke: #9a9aa0; fill: #9a9aa0 } }</style>'

async function loadViz(): Promise<typeof import('@viz-js/viz')> {
  try {
    return await import('@viz-js/viz')
  } catch (error) {
    throw new HeapproofError(
      'viz-not-found',
      'the SVG of a flow graph is drawn by the package @viz-js/viz, which is not installed or cannot be loaded: ' +
        `npm install --save-dev @viz-js/viz (${(error as Error).message})`,
    )
  }
}
