'use strict'

// The server of the tests in this directory: a resource for each thing that fetch does with one.

const { once } = require('node:events')
const http = require('node:http')
const { Readable } = require('node:stream')
const zlib = require('node:zlib')

const MEBIBYTE = 1024 * 1024
const TEXT = 'twelve '.repeat(5000)

const encoders = { gzip: zlib.gzipSync, br: zlib.brotliCompressSync, deflate: zlib.deflateSync }

async function read (request) {
  const chunks = []
  for await (const chunk of request) {
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

// What a request to each path is answered with.
const resources = {
  '/hello' (_request, response) {
    response.setHeader('content-length', 5)
    response.end('hello')
  },

  // The request, as it arrived.
  async '/echo' (request, response) {
    const body = await read(request)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method: request.method, headers: request.headers, raw: request.rawHeaders, body: body.toString('latin1') }))
  },

  // The octets of the request, while they come.
  '/mirror' (request, response) {
    response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/octet-stream' })
    response.flushHeaders()
    request.pipe(response)
  },

  async '/length' (request, response) {
    let length = 0
    for await (const chunk of request) {
      length += chunk.length
    }
    response.end(`${length}`)
  },

  '/empty' (_request, response) {
    response.writeHead(204).end()
  },

  '/large' (_request, response) {
    response.writeHead(200, { 'content-length': 8 * MEBIBYTE })
    Readable.from(Array.from({ length: 128 }, (_, index) => Buffer.alloc(64 * 1024, index))).pipe(response)
  },

  // A body that goes on until its reader leaves; the emitter of the server hears of that.
  '/endless' (request, response) {
    request.socket.once('close', () => request.socket.server.emit('left'))
    response.write('first')
    const write = () => response.write(Buffer.alloc(16 * 1024)) && setImmediate(write)
    response.on('drain', write)
    write()
  },

  '/never' (request) {
    request.socket.server.emit('waiting', request)
    request.socket.once('close', () => request.socket.server.emit('left'))
  },

  '/half' (_request, response) {
    response.writeHead(200, { 'content-length': 10 })
    response.write('half ', () => response.socket.destroy())
  },

  '/cut' (request) {
    request.socket.destroy()
  },

  '/encoded' (request, response) {
    const coding = new URL(request.url, 'http://localhost').searchParams.get('coding')
    response.writeHead(200, { 'content-encoding': coding })
    response.end(coding.split(', ').reduce((octets, one) => encoders[one](octets), Buffer.from(TEXT)))
  },

  '/broken-encoding' (_request, response) {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    response.end('this is no gzip')
  },

  '/moved' (request, response) {
    const { searchParams } = new URL(request.url, 'http://localhost')
    response.writeHead(Number(searchParams.get('status') ?? 302), { location: searchParams.get('to') ?? '/echo' })
    response.end('moved')
  },

  '/circle' (_request, response) {
    response.writeHead(302, { location: '/circle' }).end()
  },

  '/cookies' (_request, response) {
    response.setHeader('set-cookie', ['a=1; Path=/', 'b=2; HttpOnly'])
    response.setHeader('x-many', ['one', 'two'])
    response.end()
  },

  // UTF-8 where only octets are known.
  '/accents' (_request, response) {
    response.writeHead(200, Buffer.from('Très bien').toString('latin1'), { 'x-name': Buffer.from('é').toString('latin1') })
    response.end()
  },

  '/trailers' (_request, response) {
    response.writeHead(200, { trailer: 'x-checksum' })
    response.write('with')
    response.addTrailers({ 'x-checksum': '12' })
    response.end(' trailers')
  },

  '/hints' (_request, response) {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('hinted'))
  },

  '/form' (_request, response) {
    response.writeHead(200, { 'content-type': 'multipart/form-data; boundary=x' })
    response.end('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n')
  },

  '/events' (request, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const last = request.headers['last-event-id']
    response.write(last === undefined ? 'retry: 1\nid: 1\ndata: first\n\n' : `event: again\ndata: after ${last}\n\n`)
    if (last === undefined) {
      response.end()
    }
  }
}

/**
 * A server on a port of its own.
 *
 * @param {import('node:test').TestContext | { after (callback: Function): void }} t closes it
 * @returns {Promise<{ origin: string, server: http.Server, requests: string[], sockets: Set<object> }>} `requests`: method
 * and target of each; `sockets`: all that were ever opened
 */
async function listen (t) {
  const requests = []
  const sockets = new Set()
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const resource = resources[request.url.split('?')[0]]
    if (resource === undefined) {
      response.writeHead(404).end()
    } else {
      resource(request, response)
    }
  })
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${server.address().port}`, server, requests, sockets }
}

module.exports = { listen, TEXT, MEBIBYTE }
