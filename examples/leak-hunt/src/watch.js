/** Sends the prices of a symbol down a response, as they change, until the client has gone. */
export function watch(ticker, symbol, response) {
  const history = new Array(2048).fill(0)
  const onPrice = (changed, price) => {
    if (changed !== symbol) return
    history.push(price)
    response.write(`data: ${price}\n\n`)
  }
  ticker.on('price', onPrice)
}
