import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { CLI } from '../support/command-line.js'

const root = dirname(dirname(CLI))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))]
const documentation = pages
  .filter((path) => path.endsWith('.md'))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n')
const words = new Set(documentation.match(/[\w$]+/g))
const codes = new Set([...documentation.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, code]) => code))

/** What every object has, and what other programs call. */
const OTHERS = ['toString', 'configureVitest']

/** The declarations of all entries. */
const entries = Object.values(manifest.exports as Record<string, unknown>).flatMap((entry) =>
  [...JSON.stringify(entry).matchAll(/"(\.\/dist\/[\w/]+\.d\.c?ts)"/g)].map(([, path]) => path as string),
)

/** Every name that a program can import, and every name of a field or method behind it. */
function publicNames(): { exported: string[]; members: string[] } {
  const files = [...new Set(entries)].map((path) => join(root, path))
  const options = { module: ts.ModuleKind.NodeNext, noLib: true, types: [], skipLibCheck: true }
  const program = ts.createProgram(files, { ...options, moduleResolution: ts.ModuleResolutionKind.NodeNext })
  const checker = program.getTypeChecker()
  const symbols = files.flatMap((file) => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    return module === undefined ? [] : checker.getExportsOfModule(module)
  })
  const exported = symbols.map(({ name }) => name).filter((name) => !['default', 'prototype'].includes(name))
  const members = symbols.flatMap((symbol) => {
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return (meant.declarations ?? []).flatMap((declaration) =>
      ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)
        ? declaration.members.flatMap(({ name }) =>
            name !== undefined && ts.isIdentifier(name) ? name.text : [],
          )
        : [],
    )
  })
  return { exported: [...new Set(exported)], members: [...new Set(members)] }
}

test('every public name, and every field and method behind it, is in the documentation', () => {
  const { exported, members } = publicNames()
  expect([exported.length > 130, members.length > 200]).toEqual([true, true])
  const missing = [...exported, ...members].filter((name) => !words.has(name) && !OTHERS.includes(name))
  expect(missing).toEqual([])
})

test('every code of an error is in the documentation', () => {
  const sources = readdirSync(join(root, 'src/core'), { recursive: true, encoding: 'utf8' })
  const thrown = sources
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [
      ...readFileSync(join(root, 'src/core', path), 'utf8').matchAll(/new HeapproofError\(\s*'([\w-]+)'/g),
    ])
    .map(([, code]) => code as string)
  expect(new Set(thrown).size).toBeGreaterThan(20)
  expect(thrown.filter((code) => !codes.has(code))).toEqual([])
})

test('every command and option of the command line is in the documentation', () => {
  const page = readFileSync(join(root, 'docs/command-line.md'), 'utf8')
  const folder = join(root, 'src/core/cli/commands')
  const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  const options = sources.flatMap((text) => [...text.matchAll(/\(\s*'(?:-\w, )?(--?[\w-]+)[ '][^\n]*/g)])
  expect(options.length).toBeGreaterThan(50)
  expect(options.map(([, name]) => name as string).filter((name) => !documentation.includes(name))).toEqual(
    [],
  )
  const commands = sources.flatMap((text) => [...text.matchAll(/\.command\('(\w+)'\)/g)])
  expect(
    commands.map(([, name]) => name as string).filter((name) => !page.includes(`heapproof ${name}`)),
  ).toEqual([
    'update', // of `heapproof snapshot`
  ])
})

/** What a program in Python can call or read, as version 1.0.2, 0.0.15 and Python 3.11 have it. */
const THERE = {
  heapprof: `start gatherStats stop isProfiling read Reader FlowGraph HeapTrace RawTrace RawTraceLine Snapshot TraceLine
    DEFAULT_SAMPLING_RATE hasDigest makeDigest initialTime finalTime elapsedTime samplingRate snapshotInterval trace
    rawTrace snapshots snapshotAt hpm hpd hpc fastGetUsage timePlot flowGraph flowGraphAt compareFlowGraphs flameGraph
    flameGraphAt writeFlameGraph close TimePlot times totalUsage lines labels pyplot nodeLocalUsage nodeCumulativeUsage
    edgeUsage asDotFile writeDotFile compare minNodeFraction minEdgeFraction collapseNodes sizeNodesBasedOnLocalUsage
    HPM HPD HPC scaleFactor warmRawTraceCache HPDEvent timestamp traceindex size make timeInterval offsets relativeTime
    usage filename lineno fileline parse filebase precision verbose mode sample output`,
  mprofile: 'max_frames sample_rate get_sample_rate MPROFILERATE MPROFILEFRAMES name firstlineno',
  tracemalloc: `start stop is_tracing take_snapshot clear_traces reset_peak get_traced_memory get_tracemalloc_memory
    get_traceback_limit get_object_traceback PYTHONTRACEMALLOC PyTraceMalloc_Track PyTraceMalloc_Untrack Frame filename
    lineno Traceback total_nframe format Trace domain size traceback Statistic count StatisticDiff size_diff count_diff
    BaseFilter Filter inclusive filename_pattern all_frames DomainFilter Snapshot traces traceback_limit filter_traces
    statistics compare_to dump load key_type cumulative most_recent_first limit nframe`,
}

test('every name of heapprof, mprofile and tracemalloc stands beside what it is here', () => {
  const tables = ['coming-from.md', 'tracemalloc.md']
    .map((page) => readFileSync(join(root, 'docs', page), 'utf8'))
    .flatMap((text) => [...text.matchAll(/^\| (.*?) +\| /gm)])
  const first = new Set(tables.flatMap(([, cell]) => (cell as string).match(/\w+/g) ?? []))
  const names = Object.values(THERE).flatMap((list) => list.split(/\s+/))
  expect(names.filter((name) => !first.has(name))).toEqual([])
})
