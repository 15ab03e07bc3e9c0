// The server that the demo talks to: a path for each kind of answer. Node's own http module, nothing of dodici.

import { createServer } from 'node:http'
import { once } from 'node:events'

const ANSWERS = {
  '/hello': (request, response) => response.end('Hello from the server'),

  '/echo': (request, response) => {
    response.setHeader('content-type', request.headers['content-type'] ?? 'text/plain')
    request.pipe(response)
  },

  '/octets': (request, response, query) => response.end(Buffer.alloc(Number(query))),

  '/count': async (request, response) => {
    let octets = 0
    for await (const chunk of request) octets += chunk.length
    response.end(JSON.stringify({ octets, framing: request.headers['transfer-encoding'] }))
  },

  '/trailers': (request, response) => {
    response.setHeader('trailer', 'content-digest')
    response.write('a body, ')
    response.addTrailers({ 'content-digest': 'demo' })
    response.end('then trailers')
  },

  '/hints': (request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    response.end('the page')
  },

  // Never answers; the demo hears by an event of the server that the request has come.
  '/silence': (request, response, query, server) => server.emit('silence')
}

export async function startServer () {
  const server = createServer((request, response) => {
    const [path, query] = request.url.split('?')
    ANSWERS[path](request, response, query, server)
  })

  server.on('upgrade', (request, socket) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${request.headers.upgrade}\r\n\r\n`)
    socket.on('data', chunk => socket.write(chunk.toString().toUpperCase()))
    socket.on('end', () => socket.end())
  })

  server.on('connect', (request, socket) => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    socket.pipe(socket)
  })

  server.listen(0, 'localhost')
  await once(server, 'listening')
  return server
}
