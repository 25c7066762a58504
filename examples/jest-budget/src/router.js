/** Routes of a web server: `/users/:id/orders/:order`, the first that fits. */
class Router {
  #routes = []

  add(pattern, handler) {
    this.#routes.push({ pattern, parts: pattern.split('/'), handler })
    return this
  }

  /** Compares part by part, and makes an object only for the route that fits. */
  find(path) {
    const routes = this.#routes
    for (let i = 0; i < routes.length; i++) {
      const { parts, handler } = routes[i]
      if (fits(parts, path)) return { handler, params: paramsOf(parts, path) }
    }
    return undefined
  }

  /** The same, as it was first written: a regular expression and an object for every route. */
  findSlowly(path) {
    const matches = this.#routes.map(({ pattern, handler }) => {
      const names = [...pattern.matchAll(/:(\w+)/g)].map(([, name]) => name)
      const found = new RegExp(`^${pattern.replace(/:\w+/g, '([^/]+)')}$`).exec(path)
      if (found === null) return undefined
      return { handler, params: Object.fromEntries(names.map((name, i) => [name, found[i + 1]])) }
    })
    return matches.find((match) => match !== undefined)
  }
}

function fits(parts, path) {
  let at = 0
  for (let i = 0; i < parts.length; i++) {
    const slash = path.indexOf('/', at)
    const end = slash === -1 ? path.length : slash
    const part = parts[i]
    const isParam = part.charCodeAt(0) === 58
    if (isParam ? end === at : end - at !== part.length || !path.startsWith(part, at)) return false
    if (slash === -1) return i === parts.length - 1
    at = end + 1
  }
  return false
}

function paramsOf(parts, path) {
  const values = path.split('/')
  return Object.fromEntries(
    parts.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), values[i]]] : [])),
  )
}

module.exports = { Router }
