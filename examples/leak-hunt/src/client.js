import { get } from 'node:http'

/** Opens a stream of prices, reads the beginning, and goes away, as a browser does whose tab is closed. */
export function visit(port, symbol) {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', path: `/prices/${symbol}`, agent: false }, (response) => {
      response.once('data', () => request.destroy())
      response.once('close', resolve)
      response.on('error', () => {}) // it was us who hung up
    })
    request.once('error', reject)
  })
}
