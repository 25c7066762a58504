// The parts of the performance report, in their order: each is a script of this folder that prints one table or more, of which
// the first counts. `small` are the arguments by which it is seen to work, not to measure.

const named = (option, names) => names.flatMap((name) => [option, name])
const WAYS = ['again', 'counters', 'heapproof-128', 'heapproof-16', 'heap-prof-128', 'heap-prof-16']
const FINE = ['again', 'heapproof-1', 'heap-prof-1']
const DOMAINS = ['again', 'counters', 'hooks', 'heapproof-128', 'heapproof-128-native', 'heap-prof-128']
const PEERS = ['heapproof-128-native', 'inspector', 'datadog']
const OPENING = ['--markdown', '--rounds', '1', ...named('--way', ['open', 'sites'])]

const suite = (runner, tests) => ({
  title: `A suite of 200 ${tests} tests, ${runner === 'jest' ? 'Jest' : 'Vitest'}`,
  script: 'suite.mjs',
  // The shorter a suite, the more of it is chance: of the same code five rounds of tiny tests gave 1.12 to 1.23.
  args: ['--runner', runner, '--tests', tests, '--rounds', tests === 'tiny' ? '15' : '5'],
  small: ['--runner', runner, '--tests', tests, '--rounds', '1'],
})

export const parts = {
  cpu: {
    title: 'CPU time of programs',
    script: 'run.mjs',
    args: ['--rounds', '3', ...named('--way', [...WAYS, ...PEERS])],
    small: [
      '--rounds',
      '1',
      '--work',
      'start-up',
      '--work',
      'http',
      '--work',
      'buffers',
      ...named('--way', WAYS),
    ],
  },
  instructions: {
    title: 'Instructions of programs',
    script: 'run.mjs',
    args: [
      '--instructions',
      ...named('--work', ['start-up', 'http', 'compile', 'objects']),
      ...named('--way', WAYS),
    ],
    small: ['--instructions', '--work', 'start-up', ...named('--way', ['again', 'counters'])],
  },
  fine: {
    title: 'Instructions of programs that are sampled every 1 KiB',
    script: 'run.mjs',
    args: ['--instructions', ...named('--work', ['http', 'objects']), ...named('--way', FINE)],
    small: ['--instructions', '--work', 'objects', ...named('--way', FINE)],
  },
  domains: {
    title: 'Instructions of programs that allocate outside of the heap',
    script: 'run.mjs',
    args: ['--instructions', ...named('--work', ['buffers', 'native']), ...named('--way', DOMAINS)],
    small: ['--instructions', '--work', 'buffers', ...named('--way', ['again', 'hooks'])],
  },
  live: { title: 'What is alive, and what it adds', script: 'live.mjs', args: [], small: [] },
  memory: { title: 'What heapproof takes itself', script: 'memory.mjs', args: [], small: [] },
  around: {
    title: 'Single steps',
    script: 'around.mjs',
    args: ['--markdown'],
    small: ['--markdown', '--megabytes', '20'],
  },
  reading: {
    title: 'Reading a recording of 10 million events and 100,000 stacks',
    script: 'reading.mjs',
    args: ['--markdown', '--rounds', '1'],
    small: ['--markdown', '--rounds', '1', '--events', '300000', '--traces', '3000'],
  },
  opening: {
    title: 'Opening a log of 1 GB',
    script: 'reading.mjs',
    args: [...OPENING, '--events', '200000000'],
    small: [...OPENING, '--events', '1000000'],
  },
  page: {
    title: 'The report page of a million events and 20,000 stacks',
    script: 'page.mjs',
    args: ['--markdown'],
    small: ['--markdown', '--events', '100000', '--traces', '2000', '--moves', '5'],
  },
  'vitest-tiny': suite('vitest', 'tiny'),
  'vitest-working': suite('vitest', 'working'),
  'jest-tiny': suite('jest', 'tiny'),
  'jest-working': suite('jest', 'working'),
}
