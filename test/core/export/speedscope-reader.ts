import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'

/** What speedscope made of a file. */
export interface SpeedscopeProfile {
  getName(): string
  getTotalWeight(): number
  forEachCall(
    open: (node: CallNode, value: number) => void,
    close: (node: CallNode, value: number) => void,
  ): void
}

interface CallNode {
  readonly frame: {
    readonly name: string
    readonly file?: string
    readonly line?: number
    readonly col?: number
  }
}

interface Importers {
  importProfilesFromArrayBuffer(
    name: string,
    bytes: ArrayBuffer,
  ): Promise<{ readonly profiles: readonly SpeedscopeProfile[] } | null>
}

const release = join(
  dirname(createRequire(import.meta.url).resolve('speedscope/package.json')),
  'dist/release',
)

/**
 * speedscope's own importers, out of the page that it is: the script runs up to where it would draw the page, in a
 * context in which there is no page.
 */
function load(): Promise<Importers> {
  const name = readdirSync(release).find((file) => /^speedscope-.*\.js$/.test(file)) as string
  const script = readFileSync(join(release, name), 'utf8')
  const importers = /(\w+)=Promise\.resolve\(\)\.then\(\(\)=>\(\w+\(\),\w+\)\)/.exec(script)?.[1]
  const drawing = script.lastIndexOf('console.log(`speedscope v')
  if (importers === undefined || drawing === -1) throw new Error(`${name} is not built as it was`)
  const context: Record<string, unknown> = { ...globals, document: anything() }
  context.window = context
  context.self = context
  createContext(context)
  runInContext(`${script.slice(0, drawing)}globalThis.importers=${importers}})()`, context, {
    filename: name,
  })
  return context.importers as Promise<Importers>
}

const nothing = () => {}
const globals = {
  console: { log: nothing, warn: nothing, error: nothing },
  navigator: { userAgent: '' },
  location: { hash: '', href: 'http://localhost/' },
  localStorage: { getItem: nothing, setItem: nothing },
  matchMedia: () => ({ matches: false, addListener: nothing, addEventListener: nothing }),
  addEventListener: nothing,
  requestAnimationFrame: nothing,
  TextDecoder,
  TextEncoder,
  URL,
  atob,
  btoa,
  crypto,
  performance,
  setTimeout,
  clearTimeout,
}

/** Whatever is done with it, it is done with more of the same. */
function anything(): unknown {
  return new Proxy(() => {}, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => '' : anything()),
    apply: anything,
    set: () => true,
  })
}

let loaded: Promise<Importers> | undefined

/** Opens a file with speedscope, which goes by its name and its content. */
export async function openInSpeedscope(
  name: string,
  bytes: Uint8Array,
): Promise<readonly SpeedscopeProfile[]> {
  loaded ??= load()
  const { importProfilesFromArrayBuffer } = await loaded
  const group = await importProfilesFromArrayBuffer(name, Uint8Array.from(bytes).buffer)
  if (group === null) throw new Error(`speedscope does not know what ${name} is`)
  return group.profiles
}

/** Each stack as speedscope sees it, root first, with what it weighs by itself. */
export function stacksOf(profile: SpeedscopeProfile): Map<string, number> {
  const stacks = new Map<string, number>()
  const path: string[] = []
  let last = 0
  const charge = (value: number) => {
    const key = path.join(' > ')
    if (value > last) stacks.set(key, (stacks.get(key) ?? 0) + value - last)
    last = value
  }
  profile.forEachCall(
    (node, value) => {
      charge(value)
      path.push(node.frame.name)
    },
    (_, value) => {
      charge(value)
      path.pop()
    },
  )
  return stacks
}
