import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The part of a test of jest-circus that we read and write; the same in Jest 29 and 30. */
export interface Test {
  readonly type: 'test'
  readonly name: string
  readonly parent: DescribeBlock
  /** Whether it has to fail. */
  readonly failing?: boolean
  readonly asyncError: unknown
  readonly errors: unknown[]
  fn?: TestFunction | null
}

export type TestFunction = (this: unknown, ...args: unknown[]) => unknown

/** A `describe`. The one of the file has no parent. */
export interface DescribeBlock {
  readonly type: 'describeBlock'
  readonly name: string
  readonly parent?: DescribeBlock
  readonly children: readonly (Test | DescribeBlock)[]
}

/** What jest-circus tells an environment. */
export interface CircusEvent {
  readonly name: string
  readonly test?: Test
}

export interface CircusState {
  readonly rootDescribeBlock: DescribeBlock
}

/** The part of a test environment that we read and write. */
export interface Environment {
  readonly global: object
  handleTestEvent?(event: CircusEvent, state: CircusState): unknown
}

/** The part of jest-runtime that we use. */
export interface Runtime {
  getSourceMaps?(): ReadonlyMap<string, string> | undefined
  requireInternalModule(path: string): unknown
}

/** The part of the configurations that we read. */
export interface GlobalConfig {
  readonly rootDir: string
  readonly collectCoverage?: boolean
  readonly coverageProvider?: string
  readonly reporters?: readonly unknown[]
}

export interface ProjectConfig {
  readonly rootDir: string
  readonly displayName?: { readonly name: string }
  readonly globals?: Readonly<Record<string, unknown>>
  readonly testLocationInResults?: boolean
}

/** What a test file came to. */
export interface FileResult {
  readonly testResults: { readonly fullName: string; heapproof?: unknown }[]
  heapproof?: unknown
}

/** A test runner, as Jest calls it for each file, in the realm of Jest. */
export type TestRunner = (
  globalConfig: GlobalConfig,
  config: ProjectConfig,
  environment: Environment,
  runtime: Runtime,
  testPath: string,
  ...rest: unknown[]
) => Promise<FileResult>

/** From a project to the jest-circus that belongs to its Jest; with strict package managers there is no other way. */
const WAY = ['jest', '@jest/core', 'jest-config']

/** A `require` from which `jest-circus/runner` is the one that Jest would use for this project. */
export function requireOfJest(rootDir: string): NodeJS.Require {
  for (const start of [join(rootDir, 'package.json'), __filename]) {
    let from = createRequire(start)
    for (const step of WAY) {
      try {
        from = createRequire(from.resolve(`${step}/package.json`))
      } catch {
        // Not installed by itself; perhaps the next one is.
      }
    }
    try {
      return createRequire(from.resolve('jest-circus/runner'))
    } catch {
      // From here it cannot be found.
    }
  }
  return createRequire(__filename)
}

/** The runner of jest-circus. */
export function circusRunner(requireThere: NodeJS.Require): TestRunner {
  const loaded = requireThere('jest-circus/runner') as TestRunner | { default: TestRunner }
  return 'default' in loaded ? loaded.default : loaded
}

/** All tests of a file, in the order of the file. */
export function testsIn(block: DescribeBlock): Test[] {
  const tests: Test[] = []
  const waiting: (Test | DescribeBlock)[] = [block]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.type === 'test') tests.push(next)
    else waiting.push(...[...next.children].reverse())
  }
  return tests
}

/** What Jest gives matchers as `currentTestName`, and reports. */
export function fullName(test: Test): string {
  const names = [test.name]
  for (let block = test.parent; block.parent !== undefined; block = block.parent) names.unshift(block.name)
  return names.join(' ')
}
