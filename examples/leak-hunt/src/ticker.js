import { EventEmitter } from 'node:events'

/** Prices as they come in. Everybody who watches one hears of each change. */
export class Ticker extends EventEmitter {
  constructor() {
    super()
    this.setMaxListeners(0)
  }

  set(symbol, price) {
    this.emit('price', symbol, price)
  }
}
