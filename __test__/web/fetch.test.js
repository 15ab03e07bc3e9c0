'use strict'

// Node's own fetch over our engine: as the `dispatcher` of a call, and as the dispatcher of the process.

const assert = require('node:assert')
const { once } = require('node:events')
const net = require('node:net')
const { describe, test } = require('node:test')
const { Client, setGlobalDispatcher } = require('../..')
const { listen, MEBIBYTE, TEXT } = require('./server')

// Hands each request to the client of the test that runs.
class Switch {
  client = null

  dispatch (options, handler) {
    return this.client.dispatch(options, handler)
  }
}

const global = new Switch()
setGlobalDispatcher(global)

// How a test is given its fetch: over a client of its own, in either place.
const ways = {
  'fetch with a dispatcher': (client) => (resource, init) => fetch(resource, { ...init, dispatcher: client }),
  'fetch with the dispatcher of the process': (client) => {
    global.client = client
    return fetch
  }
}

// Behaviour → what is done with `{ fetch, client, origin, server, requests, sockets, t }`.
const behaviours = {
  async 'gives status, headers and body' ({ fetch, origin }) {
    const response = await fetch(`${origin}/hello`)
    assert.strictEqual(response.status, 200)
    assert.strictEqual(response.statusText, 'OK')
    assert.strictEqual(response.url, `${origin}/hello`)
    assert.strictEqual(response.redirected, false)
    assert.strictEqual(response.headers.get('content-length'), '5')
    assert.strictEqual(await response.text(), 'hello')
  },

  async 'goes through the client' ({ fetch, client, origin }) {
    const options = []
    const { dispatch } = client
    client.dispatch = function (...values) {
      options.push(values[0])
      return dispatch.apply(this, values)
    }
    await (await fetch(`${origin}/hello?a=b`)).text()
    assert.deepStrictEqual(options.map(({ method, path }) => `${method} ${path}`), ['GET /hello?a=b'])
  },

  async 'sends a string' ({ fetch, origin }) {
    const { method, headers, body } = await (await fetch(`${origin}/echo`, { method: 'POST', body: 'añb' })).json()
    assert.strictEqual(method, 'POST')
    assert.strictEqual(headers['content-type'], 'text/plain;charset=UTF-8')
    assert.strictEqual(headers['content-length'], '4')
    assert.strictEqual(headers['transfer-encoding'], undefined)
    assert.strictEqual(body, Buffer.from('añb').toString('latin1'))
  },

  async 'sends octets' ({ fetch, origin }) {
    for (const body of [new Uint8Array([1, 2, 255]), new Uint8Array([1, 2, 255]).buffer, new DataView(new Uint8Array([1, 2, 255]).buffer)]) {
      const echo = await (await fetch(`${origin}/echo`, { method: 'PUT', body })).json()
      assert.strictEqual(echo.body, '\x01\x02\xff')
      assert.strictEqual(echo.headers['content-length'], '3')
    }
  },

  async 'sends URLSearchParams' ({ fetch, origin }) {
    const { headers, body } = await (await fetch(`${origin}/echo`, { method: 'POST', body: new URLSearchParams({ a: '1 2' }) })).json()
    assert.strictEqual(headers['content-type'], 'application/x-www-form-urlencoded;charset=UTF-8')
    assert.strictEqual(body, 'a=1+2')
  },

  async 'sends a Blob' ({ fetch, origin }) {
    const blob = new Blob(['ab', 'cd'], { type: 'text/x' })
    const { headers, body } = await (await fetch(`${origin}/echo`, { method: 'POST', body: blob })).json()
    assert.strictEqual(headers['content-type'], 'text/x')
    assert.strictEqual(headers['content-length'], '4')
    assert.strictEqual(body, 'abcd')
  },

  async 'sends a FormData with files' ({ fetch, origin }) {
    const form = new FormData()
    form.append('a', 'b')
    form.append('file', new Blob(['content'], { type: 'text/x' }), 'name.txt')
    const response = await fetch(`${origin}/mirror`, { method: 'POST', body: form })
    const back = await response.formData()
    assert.strictEqual(back.get('a'), 'b')
    assert.strictEqual(back.get('file').name, 'name.txt')
    assert.strictEqual(await back.get('file').text(), 'content')
  },

  async 'gives a FormData' ({ fetch, origin }) {
    assert.deepStrictEqual([...await (await fetch(`${origin}/form`)).formData()], [['a', 'b']])
  },

  async 'says that a POST without a body has none' ({ fetch, origin }) {
    const { headers } = await (await fetch(`${origin}/echo`, { method: 'POST' })).json()
    assert.strictEqual(headers['content-length'], '0')
  },

  async 'streams a request' ({ fetch, origin }) {
    async function * pieces () {
      for (let piece = 0; piece < 100; piece++) {
        yield Buffer.alloc(10_000, piece)
      }
    }
    const response = await fetch(`${origin}/length`, { method: 'POST', body: ReadableStream.from(pieces()), duplex: 'half' })
    assert.strictEqual(await response.text(), '1000000')
  },

  async 'streams both ways at once' ({ fetch, origin }) {
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    const encoder = new TextEncoder()
    const answer = fetch(`${origin}/mirror`, { method: 'POST', body: readable, duplex: 'half' })
    writer.write(encoder.encode('one'))
    const reader = (await answer).body.getReader()
    assert.strictEqual(Buffer.from((await reader.read()).value).toString(), 'one')
    writer.write(encoder.encode('two'))
    assert.strictEqual(Buffer.from((await reader.read()).value).toString(), 'two')
    writer.close()
    assert.strictEqual((await reader.read()).done, true)
  },

  async 'fails when the stream of the request fails' ({ fetch, origin }) {
    async function * pieces () {
      yield Buffer.from('one')
      throw new Error('no more')
    }
    await assert.rejects(fetch(`${origin}/length`, { method: 'POST', body: ReadableStream.from(pieces()), duplex: 'half' }), (error) => {
      assert.strictEqual((error.cause ?? error).message, 'no more')
      return true
    })
  },

  async 'gives a large body in pieces' ({ fetch, origin }) {
    const response = await fetch(`${origin}/large`)
    let length = 0
    for await (const chunk of response.body) {
      assert.ok(chunk instanceof Uint8Array)
      for (let at = 0; at < chunk.length; at += 4096) {
        assert.strictEqual(chunk[at], Math.floor((length + at) / (64 * 1024)))
      }
      length += chunk.length
    }
    assert.strictEqual(length, 8 * MEBIBYTE)
  },

  async 'gives a large body at once' ({ fetch, origin }) {
    const body = await (await fetch(`${origin}/large`)).arrayBuffer()
    assert.strictEqual(body.byteLength, 8 * MEBIBYTE)
    assert.strictEqual(new Uint8Array(body)[8 * MEBIBYTE - 1], 127)
  },

  async 'gives memory that is its own' ({ fetch, origin }) {
    const first = (await (await fetch(`${origin}/hello`)).body.getReader().read()).value
    await (await fetch(`${origin}/echo`)).text()
    assert.strictEqual(Buffer.from(first).toString(), 'hello')
  },

  async 'rejects before anything is sent when the signal has aborted' ({ fetch, origin, requests }) {
    const reason = new Error('enough')
    await assert.rejects(fetch(`${origin}/hello`, { signal: AbortSignal.abort(reason) }), reason)
    assert.deepStrictEqual(requests, [])
  },

  async 'rejects when the signal aborts while it waits, and the server hears of it' ({ fetch, origin, server }) {
    const controller = new AbortController()
    const left = once(server, 'left')
    server.once('waiting', () => controller.abort())
    await assert.rejects(fetch(`${origin}/never`, { signal: controller.signal }), { name: 'AbortError' })
    await left
  },

  async 'rejects with the reason of a timeout' ({ fetch, origin }) {
    await assert.rejects(fetch(`${origin}/never`, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' })
  },

  async 'ends a body whose signal aborts, and the server hears of it' ({ fetch, origin, server }) {
    const controller = new AbortController()
    const left = once(server, 'left')
    const response = await fetch(`${origin}/endless`, { signal: controller.signal })
    const reader = response.body.getReader()
    await reader.read()
    controller.abort()
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    }, { name: 'AbortError' })
    await left
  },

  async 'ends the exchange when its body is cancelled' ({ fetch, origin, server }) {
    const left = once(server, 'left')
    const response = await fetch(`${origin}/endless`)
    await response.body.cancel()
    await left
  },

  async 'stops reading when nobody takes the body' ({ fetch, origin, server }) {
    const response = await fetch(`${origin}/endless`)
    const reader = response.body.getReader()
    await reader.read()
    const left = once(server, 'left')
    await reader.cancel('enough')
    await left
  },

  async 'follows redirects' ({ fetch, origin, requests }) {
    const response = await fetch(`${origin}/moved?to=/moved`, { method: 'POST', body: 'a' })
    assert.strictEqual(response.url, `${origin}/echo`)
    assert.strictEqual(response.redirected, true)
    const { method, body, headers } = await response.json()
    assert.strictEqual(method, 'GET')
    assert.strictEqual(body, '')
    assert.strictEqual(headers['content-length'], undefined)
    assert.deepStrictEqual(requests, ['POST /moved?to=/moved', 'GET /moved', 'GET /echo'])
  },

  async 'sends the body again where the redirect says so' ({ fetch, origin }) {
    const { method, body } = await (await fetch(`${origin}/moved?status=307`, { method: 'PUT', body: 'again' })).json()
    assert.strictEqual(method, 'PUT')
    assert.strictEqual(body, 'again')
  },

  async 'gives a redirect that is not to be followed' ({ fetch, origin }) {
    const response = await fetch(`${origin}/moved`, { redirect: 'manual' })
    assert.strictEqual(response.status, 302)
    assert.strictEqual(response.headers.get('location'), '/echo')
    assert.strictEqual(await response.text(), 'moved')
  },

  async 'rejects a redirect that is an error' ({ fetch, origin }) {
    await assert.rejects(fetch(`${origin}/moved`, { redirect: 'error' }), { name: 'TypeError', message: 'fetch failed' })
  },

  async 'gives up a circle of redirects' ({ fetch, origin, requests }) {
    await assert.rejects(fetch(`${origin}/circle`), (error) => {
      assert.strictEqual(error.cause.message, 'redirect count exceeded')
      return true
    })
    assert.strictEqual(requests.length, 21)
  },

  async 'decodes gzip, br and deflate' ({ fetch, origin }) {
    for (const coding of ['gzip', 'br', 'deflate', 'gzip, br']) {
      const response = await fetch(`${origin}/encoded?coding=${coding}`)
      assert.strictEqual(await response.text(), TEXT, coding)
    }
  },

  async 'rejects the body of a broken encoding' ({ fetch, origin }) {
    const response = await fetch(`${origin}/broken-encoding`)
    await assert.rejects(response.text(), { name: 'TypeError', message: 'terminated' })
  },

  async 'uses a connection again' ({ fetch, origin, sockets }) {
    for (let count = 0; count < 5; count++) {
      await (await fetch(`${origin}/hello`)).text()
    }
    assert.strictEqual(sockets.size, 1)
  },

  async 'gives no body for 204 and HEAD' ({ fetch, origin }) {
    const empty = await fetch(`${origin}/empty`)
    assert.strictEqual(empty.status, 204)
    assert.strictEqual(empty.body, null)
    assert.strictEqual(await empty.text(), '')
    const head = await fetch(`${origin}/hello`, { method: 'HEAD' })
    assert.strictEqual(head.headers.get('content-length'), '5')
    assert.strictEqual(await head.text(), '')
  },

  async 'sends what the headers say, and its own' ({ fetch, origin }) {
    const { headers, raw } = await (await fetch(`${origin}/echo`, {
      headers: { 'X-One': '1', cookie: 'a=b; c=d', 'user-agent': 'twelve', accept: 'a/b' }
    })).json()
    assert.strictEqual(headers['x-one'], '1')
    assert.strictEqual(headers.cookie, 'a=b; c=d')
    assert.strictEqual(headers['user-agent'], 'twelve')
    assert.strictEqual(headers.accept, 'a/b')
    assert.strictEqual(headers['sec-fetch-mode'], 'cors')
    assert.strictEqual(headers['accept-encoding'], 'gzip, deflate')
    assert.strictEqual(headers.connection, 'keep-alive')
    assert.ok(raw.includes('host'))
  },

  async 'gives cookies and repeated fields one by one' ({ fetch, origin }) {
    const { headers } = await fetch(`${origin}/cookies`)
    assert.deepStrictEqual(headers.getSetCookie(), ['a=1; Path=/', 'b=2; HttpOnly'])
    assert.strictEqual(headers.get('x-many'), 'one, two')
  },

  async 'reads a field as Latin-1 and the reason as UTF-8' ({ fetch, origin }) {
    const { headers, statusText } = await fetch(`${origin}/accents`)
    assert.strictEqual(headers.get('x-name'), 'Ã©')
    assert.strictEqual(statusText, 'Très bien')
  },

  async 'tolerates trailers' ({ fetch, origin }) {
    assert.strictEqual(await (await fetch(`${origin}/trailers`)).text(), 'with trailers')
  },

  async 'passes over early hints' ({ fetch, origin }) {
    const response = await fetch(`${origin}/hints`)
    assert.strictEqual(response.status, 200)
    assert.strictEqual(await response.text(), 'hinted')
  },

  async 'rejects with the reason why nothing could be reached' ({ t }) {
    const server = net.createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address()
    server.close()
    await once(server, 'close')
    const client = new Client(`http://127.0.0.1:${port}`)
    t.after(() => client.destroy())
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`, { dispatcher: client }), (error) => {
      assert.strictEqual(error.name, 'TypeError')
      assert.strictEqual(error.message, 'fetch failed')
      assert.strictEqual(error.cause.code, 'ECONNREFUSED')
      assert.strictEqual(error.cause.port, port)
      return true
    })
  },

  async 'rejects when the connection ends without an answer' ({ fetch, origin }) {
    await assert.rejects(fetch(`${origin}/cut`, { method: 'POST', body: 'a' }), (error) => {
      assert.strictEqual(error.message, 'fetch failed')
      assert.strictEqual(error.cause.code, 'UND_ERR_SOCKET')
      return true
    })
  },

  async 'rejects the body when the connection ends inside it' ({ fetch, origin }) {
    const response = await fetch(`${origin}/half`)
    await assert.rejects(response.text(), (error) => {
      assert.strictEqual(error.message, 'terminated')
      assert.strictEqual(error.cause.code, 'UND_ERR_SOCKET')
      return true
    })
  },

  async 'gives a response of which clones are read' ({ fetch, origin }) {
    const response = await fetch(`${origin}/large`)
    const clone = response.clone()
    const [one, other] = await Promise.all([response.arrayBuffer(), clone.arrayBuffer()])
    assert.strictEqual(one.byteLength, other.byteLength)
  },

  async 'answers many at once' ({ fetch, origin }) {
    const texts = await Promise.all(Array.from({ length: 50 }, async () => (await fetch(`${origin}/hello`)).text()))
    assert.deepStrictEqual(new Set(texts), new Set(['hello']))
  },

  async 'passes on the timeouts of the client' ({ origin, t }) {
    const client = new Client(origin, { headersTimeout: 50 })
    t.after(() => client.destroy())
    await assert.rejects(fetch(`${origin}/never`, { dispatcher: client }), (error) => {
      assert.strictEqual(error.cause.code, 'UND_ERR_HEADERS_TIMEOUT')
      return true
    })
  },

  async 'rejects when the client is destroyed' ({ fetch, client, origin, server }) {
    server.once('waiting', () => client.destroy())
    await assert.rejects(fetch(`${origin}/never`), (error) => {
      assert.strictEqual(error.cause.code, 'UND_ERR_DESTROYED')
      return true
    })
  },

  async 'rejects when the client is closed' ({ fetch, client, origin }) {
    await client.close()
    await assert.rejects(fetch(`${origin}/hello`), (error) => {
      assert.match(error.cause.code, /^UND_ERR_(CLOSED|DESTROYED)$/)
      return true
    })
  }
}

for (const [way, bind] of Object.entries(ways)) {
  describe(way, () => {
    for (const [behaviour, check] of Object.entries(behaviours)) {
      test(behaviour, async (t) => {
        const { origin, server, requests, sockets } = await listen(t)
        const client = new Client(origin)
        t.after(() => client.destroy())
        await check({ fetch: bind(client), client, origin, server, requests, sockets, t })
      })
    }
  })
}
