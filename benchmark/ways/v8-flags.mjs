import { preload } from '../paths.mjs'

/** A recording switches V8's two quick compilers off. This is what that costs, without anything else. */
export const flags = {
  'no-sparkplug': { title: 'V8 without Sparkplug', options: () => ['--no-sparkplug'] },
  'no-quick': { title: 'V8 without Sparkplug and Maglev', options: () => ['--no-sparkplug', '--no-maglev'] },
  'no-quick-later': {
    title: 'the same, set at run time',
    options: () => ['--require', preload('v8-flags')],
  },
}
