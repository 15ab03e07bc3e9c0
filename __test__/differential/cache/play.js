'use strict'

// Plays one row of the cache's table: steps of requests and of time through the cache interceptor of some package, with a
// handler of either generation, before a server of its own. What is seen is a list of lines: what each handler heard (`a`,
// `b`…), what the server was asked (`>`), and what the store was asked and given (`store`). The clock stands still between
// the steps.

const { createServer } = require('node:http')
const { once } = require('node:events')
const { inspect } = require('node:util')

const START = Date.UTC(2026, 0, 1)
const UNSEEN = ['host', 'connection']

const show = (value) => inspect(value, { depth: 9, sorted: true, breakLength: Infinity, compact: true })
const fieldsOf = (fields) => show(Object.fromEntries(Object.entries(fields).filter(([name]) => !UNSEEN.includes(name))))

/** Lines, and a wait for one of them. */
class Seen {
  lines = []
  #waiting = []

  add (line) {
    this.lines.push(line)
    this.#waiting = this.#waiting.filter((check) => !check())
  }

  count (start) {
    return this.lines.filter((line) => line.startsWith(start)).length
  }

  /** Resolves when so many lines with that start are there. */
  has (start, count) {
    return new Promise((resolve) => {
      const check = () => {
        const isThere = this.count(start) >= count
        if (isThere) resolve()
        return isThere
      }
      if (!check()) this.#waiting.push(check)
    })
  }
}

/** A store of the package that tells what it is asked; `change` makes another of it. */
function telling (library, seen, { change = (store) => store } = {}) {
  const own = new library.cacheStores.MemoryCacheStore()
  const store = {
    get (key) {
      seen.add(`store get ${show(key)}`)
      return own.get(key)
    },
    delete (key) {
      seen.add(`store delete ${key.origin}${key.path}`)
      return own.delete(key)
    },
    createWriteStream (key, value) {
      seen.add(`store keep ${key.method} ${key.path} ${show(value)}`)
      return own.createWriteStream(key, value)?.on('close', () => seen.add('store closed'))
    }
  }
  return change(store, own)
}

const errorLine = (error) => ['error', error.name, error.code, error.message].filter(Boolean).join(' ')

/** @returns {object} `handler`, and `over`, which resolves when it hears nothing more */
function hearing (generation, lane, seen, on = {}) {
  let resolve
  const over = new Promise((_resolve) => { resolve = _resolve })
  const tell = (control, event, line, last = false) => {
    seen.add(`${lane} ${line}`)
    if (last) resolve()
    on[event]?.(control)
  }
  const data = (control, chunk) => {
    if (seen.lines.at(-1)?.startsWith(`${lane} data `)) seen.lines[seen.lines.length - 1] += chunk
    else seen.add(`${lane} data ${chunk}`)
    on.data?.(control)
  }
  if (generation === 2) {
    return {
      over,
      handler: {
        onRequestStart: (control) => tell(control, 'start', 'start'),
        onResponseStart: (control, statusCode, headers, statusText) => tell(control, 'head', `head ${statusCode} ${statusText} ${fieldsOf(headers)}`),
        onResponseData: data,
        onResponseEnd: (control) => tell(control, 'end', 'end', true),
        onResponseError: (control, error) => tell(control, 'error', errorLine(error), true)
      }
    }
  }
  const control = { abort: null }
  return {
    over,
    handler: {
      onConnect (abort) { control.abort = abort; tell(control, 'start', 'start') },
      onHeaders (statusCode, raw, resume, statusText) {
        const headers = {}
        for (let i = 0; i < raw.length; i += 2) {
          const [name, value] = [raw[i].toString('latin1').toLowerCase(), raw[i + 1].toString('latin1')]
          headers[name] = name in headers ? [headers[name], value].flat() : value
        }
        tell(control, 'head', `head ${statusCode} ${statusText} ${fieldsOf(headers)}`)
        return true
      },
      onData (chunk) { data(control, chunk); return true },
      onComplete () { tell(control, 'end', 'end', true) },
      onError (error) { tell(control, 'error', errorLine(error), true) }
    }
  }
}

async function serve (row, seen) {
  let count = 0
  const server = createServer(async (request, response) => {
    response.sendDate = false
    const chunks = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      // A client that goes away.
    }
    const number = ++count
    seen.add(`> ${request.method} ${request.url} ${fieldsOf(request.headers)} ${Buffer.concat(chunks)}`.trimEnd())
    const answer = typeof row.answers === 'function' ? row.answers(request, number) : row.answers[Math.min(number, row.answers.length) - 1]
    if (answer === null) {
      request.socket.destroy()
      return
    }
    const [statusCode, fields, content = `answer ${number}`] = answer
    response.shouldKeepAlive = false
    const isEmpty = request.method === 'HEAD' || statusCode === 304 || statusCode === 204
    response.writeHead(statusCode, isEmpty ? fields : { 'content-length': Buffer.byteLength(content), ...fields })
    response.end(isEmpty ? undefined : content)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/**
 * @param {object} row `options` of the interceptor; `answers`: `[statusCode, fields, content]` each, the last one for the rest,
 *   null to hang up, or a function of the request and its number; `steps`: `{ tick }` in seconds, or the options of a
 *   request with `on` (what to do with its control when an event is heard) and `until` (`[start of a line, count]` to wait
 *   for); `store`: how the store is changed; `before`: interceptors that stand between the cache and the dispatcher
 * @param {object} library the package
 * @param {number} generation of the handlers
 * @param {object} timers those of the test, with the date in hand
 */
async function play (row, library, generation, timers) {
  timers.enable({ apis: ['Date'], now: START })
  const seen = new Seen()
  const server = await serve(row, seen)
  const { port } = server.address()
  const origin = `http://127.0.0.1:${port}`
  const agent = new library.Agent()
  try {
    const store = telling(library, seen, { change: row.store })
    const dispatcher = agent.compose([...(row.before?.(library.interceptors) ?? []), library.interceptors.cache({ store, ...row.options })])
    let lane = 0
    for (const { tick, on, until, ...options } of row.steps) {
      if (tick !== undefined) {
        timers.tick(tick * 1000)
        continue
      }
      const { handler, over } = hearing(generation, String.fromCharCode(97 + lane++), seen, on)
      try {
        dispatcher.dispatch({ origin, path: '/', method: 'GET', ...options }, handler)
        await over
      } catch (error) {
        seen.add(`threw ${errorLine(error)}`)
      }
      const kept = seen.count('store keep')
      await seen.has(...(until ?? ['store closed', row.isRefused ? 0 : kept]))
    }
  } finally {
    await agent.destroy()
    server.closeAllConnections()
    server.close()
    timers.reset()
  }
  return seen.lines.map((line) => line.replaceAll(port, 'PORT'))
}

module.exports = { START, play }
