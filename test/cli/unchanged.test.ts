import { expect, test } from 'vitest'
import { folderWith, heapproof, node } from '../support/command-line.js'

// Small programs whose output and exit must be the same with and without heapproof.

const PROGRAMS: Readonly<Record<string, string>> = {
  'exit code of its own': `process.exit(3)`,
  'process.exitCode': `process.exitCode = 4`,
  'an exit listener that changes the code': `process.on('exit', (code) => { console.log(code); process.exitCode = 5 })`,
  'an exit listener that calls process.exit()': `process.on('exit', () => { console.log('exit'); process.exit(6) })`,
  'beforeExit goes on and on, then stops': `
    let rounds = 0
    process.on('beforeExit', () => { console.log(rounds); if (rounds++ < 3) setImmediate(() => {}) })`,
  'nothing keeps it alive but a listener': `process.on('SIGUSR2', () => {}); setTimeout(() => console.log('late'), 20).unref()`,
  'an uncaught error': `throw new Error('its own')`,
  'an uncaught error, handled': `process.on('uncaughtException', (error) => console.log(error.message)); throw new Error('its own')`,
  'an error while handling an error': `process.on('uncaughtException', () => { throw new Error('second') }); throw new Error('first')`,
  'a rejected promise': `Promise.reject(new Error('its own'))`,
  'a rejected promise, handled': `process.on('unhandledRejection', (reason) => console.log(reason)); Promise.reject('why')`,
  'await that never ends': `await new Promise(() => {})`,
  'a warning': `process.on('warning', ({ name }) => console.log(name)); process.emitWarning('careful', 'MineWarning')`,
  'as many listeners as Node allows': `for (let i = 0; i < 9; i++) process.on('exit', () => {})`,
  'stdin to stdout': `process.stdin.pipe(process.stdout)`,
  'much output': `for (let i = 0; i < 20000; i++) console.log(i)`,
  'a worker that exits': `
    import { Worker } from 'node:worker_threads'
    new Worker('process.exit(7)', { eval: true }).on('exit', (code) => console.log('worker', code))`,
  'a worker that fails': `
    import { Worker } from 'node:worker_threads'
    new Worker('throw new Error("in worker")', { eval: true }).on('error', (error) => console.log(error.message))`,
  'a worker that is ended from outside': `
    import { Worker } from 'node:worker_threads'
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
    worker.on('online', async () => console.log(await worker.terminate()))`,
  'the program ends while workers run': `
    import { Worker } from 'node:worker_threads'
    const worker = new Worker('for (;;) {}', { eval: true })
    worker.on('online', () => process.exit(8))`,
  'a child that fails': `
    import { spawnSync } from 'node:child_process'
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', 'console.log(1); throw 2'])
    console.log(status, String(stdout), String(stderr).split('\\n')[0])`,
  'a conversation with a child': `
    import { fork } from 'node:child_process'
    if (process.send) process.on('message', (text) => { process.send(text + '!'); process.disconnect() })
    else {
      const child = fork(process.argv[1])
      child.on('message', (text) => console.log(text)).on('exit', (code) => console.log(code))
      child.send('hello')
    }`,
  'options of its own': `console.log(process.execArgv, process.argv.slice(2), process.argv0)`,
  'loaded modules': `
    import { createRequire } from 'node:module'
    const require = createRequire(import.meta.url)
    console.log(require.main, Object.keys(globalThis), process.mainModule)`,
  'listeners to signals': `console.log(['SIGTERM', 'SIGINT', 'SIGHUP'].map((signal) => process.listenerCount(signal)))`,
  'a listener to SIGTERM': `
    process.on('SIGTERM', () => { console.log('asked'); process.exit(9) })
    setTimeout(() => {}, 5000)
    process.kill(process.pid, 'SIGTERM')`,
  'SIGTERM to itself, and nothing after it': `console.log(1); process.kill(process.pid, 'SIGTERM'); console.log(2)`,
  'SIGINT to itself, and nothing after it': `console.log(1); process.kill(process.pid, 'SIGINT'); process.exit(0)`,
  'SIGHUP to itself, and nothing after it': `console.log(1); process.kill(process.pid, 'SIGHUP'); for (;;) {}`,
  'SIGTERM once, then by default': `
    process.once('SIGTERM', () => { console.log('once'); process.kill(process.pid, 'SIGTERM'); console.log('never') })
    setTimeout(() => {}, 5000)
    process.kill(process.pid, 'SIGTERM')`,
  'SIGKILL to itself': `process.kill(process.pid, 'SIGKILL')`,
  'process.abort()': `process.abort()`,
  'what keeps the process alive': `console.log(process.getActiveResourcesInfo())`,
  'asynchronous context': `
    import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks'
    const storage = new AsyncLocalStorage()
    storage.run('inside', () => setImmediate(() => console.log(storage.getStore())))
    console.log(executionAsyncId())`,
}

/** Pids and addresses differ from run to run. */
const withoutNumbers = (text: string) =>
  text
    .replace(/\(node:\d+\)/g, '(node)')
    .replace(/\b0x[\da-f]+/g, '0x')
    .replace(/[^\s[]*\[\d+\]:/g, 'node:')

test.each(Object.entries(PROGRAMS))('%s', (_, program) => {
  const cwd = folderWith({ 'main.mjs': program })
  const plain = node(['main.mjs', 'a', 'b'], { cwd, input: 'typed' })
  const recorded = heapproof(['run', '-o', 'out', '--', 'main.mjs', 'a', 'b'], { cwd, input: 'typed' })
  const said = recorded.stderr.replace(/^heapproof: (?:profile|process|worker).*\n/gm, '')
  expect({ ...recorded, stderr: withoutNumbers(said) }).toEqual({
    ...plain,
    stderr: withoutNumbers(plain.stderr),
  })
})
