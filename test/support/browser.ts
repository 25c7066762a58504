import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'chrome']

/** A Chromium of this machine: the one that `HEAPPROOF_BROWSER` names, or the first in the path. */
export const browserPath: string | undefined = (() => {
  const named = process.env.HEAPPROOF_BROWSER
  if (named !== undefined) return named
  const folders = (process.env.PATH ?? '').split(delimiter)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
})()

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

/** One tab of a browser without a window, driven over two pipes by Chrome's DevTools protocol. */
export class Browser {
  /** Everything that pages complained about: errors, refusals of the content security policy. */
  readonly complaints: string[] = []
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #listeners = new Map<string, () => void>()
  #session: string | undefined
  #last = 0

  private constructor(path: string) {
    this.#profile = mkdtempSync(join(tmpdir(), 'heapproof-browser-'))
    const args = [
      '--headless',
      '--remote-debugging-pipe',
      '--disable-gpu',
      `--user-data-dir=${this.#profile}`,
    ]
    if (process.getuid?.() === 0) args.push('--no-sandbox') // Chromium refuses to be run by root otherwise
    this.#process = spawn(path, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
    let rest = ''
    const output = this.#process.stdio[4] as Readable
    output.setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (rest + chunk).split('\0')
      rest = messages.pop() ?? ''
      for (const message of messages) this.#hear(JSON.parse(message))
    })
  }

  static async start(path: string): Promise<Browser> {
    const browser = new Browser(path)
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true })
    browser.#session = sessionId as string
    for (const domain of ['Page', 'Runtime', 'Log']) await browser.send(`${domain}.enable`)
    return browser
  }

  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.#listeners.set('Page.loadEventFired', resolve))
    await this.send('Page.navigate', { url })
    await loaded
  }

  /** A window of this size, on a screen with these colours. */
  async resize(width: number, height: number, colours: 'light' | 'dark'): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 }
    await this.send('Emulation.setDeviceMetricsOverride', metrics)
    const features = [{ name: 'prefers-color-scheme', value: colours }]
    await this.send('Emulation.setEmulatedMedia', { features })
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
    })
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value: T }).value
  }

  /** Presses a key that types nothing, such as Tab, or Enter. */
  async press(key: string, code: number): Promise<void> {
    const event = { key, code: key, windowsVirtualKeyCode: code, text: key === 'Enter' ? '\r' : undefined }
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event })
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
  }

  /** The page as PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })
    return Buffer.from(data as string, 'base64')
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last
    const input = this.#process.stdio[3] as Writable
    input.write(`${JSON.stringify({ id, method, params, sessionId: this.#session })}\0`)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      )
    })
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.on('exit', resolve))
    this.#session = undefined
    this.send('Browser.close').catch(() => undefined) // what was started may be a script that started the browser
    await ended
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  #hear(answer: Answer): void {
    if (answer.id !== undefined) {
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
      return
    }
    const { method = '', params } = answer
    if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown')
      this.complaints.push(JSON.stringify(params))
    this.#listeners.get(method)?.()
  }
}
