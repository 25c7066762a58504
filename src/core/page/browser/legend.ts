import { element } from './dom.js'

/** What a colour of the style stands for; `kind` is a class of the mark, where it is no square. */
export function swatch(colour: string, text: string, kind?: string): HTMLElement {
  const mark = element('span', { class: kind }, text)
  mark.style.setProperty('--swatch', `var(--${colour})`)
  return mark
}

/** What the colours of a flame graph stand for. */
export function flameLegend(isCompared: boolean): HTMLElement[] {
  return isCompared
    ? [swatch('grew', 'grew'), swatch('shrank', 'shrank'), swatch('inner', 'the same')]
    : [swatch('user', 'your code'), swatch('dependency', 'dependencies'), swatch('inner', 'Node and others')]
}
