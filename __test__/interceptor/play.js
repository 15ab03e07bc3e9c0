'use strict'

// Plays one row of a table of interceptors: a request through a composed dispatcher of some package, with a handler of
// either generation, against a server of its own. What is seen is a list of lines: what the handler heard, then what the
// server was asked (`> METHOD target fields content`).

const { createServer } = require('node:http')
const { once } = require('node:events')

// Fields of the connection, which the packages write as they like, and which no row is about.
const UNSEEN = ['host', 'connection', 'transfer-encoding']

const history = (context) => context?.history ? context.history.map((url) => url.pathname).join(' ') : ''

function errorLine (error) {
  const { name, code, message, statusCode, body, bodyTruncated } = error
  return [name, code, message, statusCode, body === undefined ? undefined : JSON.stringify(body), bodyTruncated ? 'truncated' : undefined]
    .filter((fact) => fact !== undefined).join(' ')
}

/** A handler that tells `tell(event, ...facts)` what it hears, and calls `end` when nothing more comes. */
function handlerOf (generation, tell, end) {
  return generation === 1
    ? {
        onConnect (abort, context) { tell('start', history(context)) },
        onHeaders (statusCode, fields, resume, statusText) { tell('head', statusCode, statusText); return true },
        onData (chunk) { tell('data', chunk); return true },
        onComplete () { tell('end'); end() },
        onError (error) { tell('error', errorLine(error)); end() },
        onUpgrade () {}
      }
    : {
        onRequestStart (controller, context) { tell('start', history(context)) },
        onResponseStart (controller, statusCode, headers, statusText) { tell('head', statusCode, statusText) },
        onResponseData (controller, chunk) { tell('data', chunk) },
        onResponseEnd () { tell('end'); end() },
        onResponseError (controller, error) { tell('error', errorLine(error)); end() }
      }
}

async function listening (answer, asked) {
  let count = 0
  const server = createServer(async (request, response) => {
    const number = ++count
    const chunks = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      // A client that goes away.
    }
    const fields = Object.entries(request.headers).filter(([name]) => !UNSEEN.includes(name))
    asked.push(`> ${request.method} ${request.url} ${fields.map(([name, value]) => `${name}: ${value}`).join(', ')} ${Buffer.concat(chunks)}`.trimEnd())
    answer(request, response, { number, port: server.address().port })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/**
 * @param {object} row `use(interceptors)`: what is composed; `options`: of the request, or a function that makes them;
 *   `answer(request, response, { number, port })`
 * @param {object} library the package
 * @param {number} generation of the handler
 */
async function play (row, library, generation) {
  const asked = []
  const heard = []
  const server = await listening(row.answer, asked)
  const { port } = server.address()
  const agent = new library.Agent()
  const tell = (event, ...facts) => {
    if (event === 'data' && heard.at(-1)?.[0] === 'data') {
      heard.at(-1)[1] += facts[0].toString()
    } else {
      heard.push([event, ...facts.map(String)])
    }
  }
  try {
    const dispatcher = agent.compose(row.use(library.interceptors))
    const options = typeof row.options === 'function' ? row.options({ port }) : row.options
    await new Promise((resolve) => {
      const own = { origin: `http://127.0.0.1:${port}`, path: '/', method: 'GET', ...options }
      try {
        dispatcher.dispatch(own, handlerOf(generation, tell, resolve))
      } catch (error) {
        tell('threw', errorLine(error))
        resolve()
      }
    })
  } finally {
    await agent.destroy()
    server.closeAllConnections()
    server.close()
  }
  return [...heard.map((facts) => facts.join(' ').trimEnd()), ...asked].map((line) => line.replaceAll(port, 'PORT'))
}

module.exports = { play }
