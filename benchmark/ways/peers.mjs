import { preload } from '../paths.mjs'

const INTERVAL = 128 * 1024
const variables = ({ base }) => ({ BENCHMARK_PROFILE: base, BENCHMARK_INTERVAL: String(INTERVAL) })

export const peers = {
  inspector: {
    title: 'the inspector, 128 KiB',
    options: () => ['--require', preload('inspector')],
    variables,
  },
  datadog: {
    title: '@datadog/pprof, 128 KiB',
    package: '@datadog/pprof',
    options: () => ['--require', preload('datadog')],
    variables,
  },
}
