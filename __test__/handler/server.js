'use strict'

// A server for one test, and a handler that keeps what it hears.

const { createServer } = require('node:http')
const { once } = require('node:events')

/** Listens with `answer` until the test is over, and gives the origin. */
async function serve (context, answer) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${server.address().port}`
}

/** A dispatcher that ends with the test. */
function keep (context, dispatcher) {
  context.after(() => dispatcher.destroy())
  return dispatcher
}

/** A handler of the generation that keeps what it hears in `heard`; `done` resolves with it at the end. */
function hearing (generation, more = {}) {
  const heard = []
  let resolve
  const done = new Promise((_resolve) => { resolve = _resolve })
  const end = (line) => {
    heard.push(line)
    resolve(heard)
  }
  const handler = generation === 1
    ? {
        onConnect (abort) { this.abort = abort; heard.push('start') },
        onHeaders (statusCode) { heard.push(`head ${statusCode}`); return true },
        onData (chunk) { heard.push(`data ${chunk}`); return true },
        onComplete () { end('end') },
        onError (error) { end(`error ${error.message}`) },
        onUpgrade (statusCode, fields, socket) { end(`upgrade ${statusCode}`); socket.destroy() },
        ...more
      }
    : {
        onRequestStart (controller) { this.controller = controller; heard.push('start') },
        onResponseStart (controller, statusCode) { heard.push(`head ${statusCode}`) },
        onResponseData (controller, chunk) { heard.push(`data ${chunk}`) },
        onResponseEnd () { end('end') },
        onResponseError (controller, error) { end(`error ${error.message}`) },
        onRequestUpgrade (controller, statusCode, headers, socket) { end(`upgrade ${statusCode}`); socket.destroy() },
        ...more
      }
  return { handler, heard, done }
}

module.exports = { serve, keep, hearing }
