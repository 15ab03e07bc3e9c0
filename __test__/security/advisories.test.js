'use strict'

// What the advisories of undici are about, each as one behaviour. SECURITY.md names these tests, and those of other files that
// were there before.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { createServer } = require('node:http')
const net = require('node:net')
const tls = require('node:tls')
const { describe, test } = require('node:test')
const { hearing, keep, serve } = require('../handler/server.js')
const { certificates } = require('../tls/certificates')
const { census } = require('../../lib/native/bridge.js')
const { encodeFormData } = require('../../lib/core/multipart.js')
const { Agent, BalancedPool, Client, EnvHttpProxyAgent, Headers, Pool, ProxyAgent, RetryAgent, getSetCookies, interceptors, request, setCookie, setGlobalDispatcher, getGlobalDispatcher, fetch } = require('../../index.js')

const REFUSED = { code: 'UND_ERR_INVALID_ARG' }

/** Each form in which a user may give fields. */
const forms = {
  'an object': (fields) => Object.fromEntries(fields),
  'a flat list': (fields) => fields.flat(),
  'a Map': (fields) => new Map(fields),
  'an iterator': (fields) => fields[Symbol.iterator](),
  Headers: (fields) => new Headers(fields)
}

/** A server that keeps what it was asked, as it was on the wire. */
async function wire (t, answer = () => 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok') {
  const heard = []
  const sockets = new Set()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('data', (octets) => {
      heard.push(octets.toString('latin1'))
      socket.write(answer(heard.length, socket))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { heard, origin: `http://127.0.0.1:${server.address().port}` }
}

describe('what a request says', () => {
  const ends = ['\r\nx: 1', '\nx: 1', '\rx: 1', '\0']
  const places = {
    'the method': (end) => ({ method: `GET${end}` }),
    'the path': (end) => ({ path: `/${end}` }),
    'the name of a field': (end) => ({ headers: { [`a${end}`]: '1' } }),
    'the value of a field': (end) => ({ headers: { a: `1${end}` } }),
    'one of several values of a field': (end) => ({ headers: { a: ['1', `2${end}`] } }),
    'a host field': (end) => ({ headers: { host: `a${end}` } }),
    'a content-type field': (end) => ({ method: 'POST', body: 'a', headers: { 'content-type': `text/plain${end}` } }),
    'a connection field': (end) => ({ headers: { connection: `close${end}` } }),
    'the protocol of an upgrade': (end) => ({ upgrade: `chat${end}` }),
    'a flat list of fields': (end) => ({ headers: ['a', `1${end}`] }),
    'a Map of fields': (end) => ({ headers: new Map([['a', `1${end}`]]) })
  }
  for (const [place, make] of Object.entries(places)) {
    test(`the end of a line in ${place} is refused, and nothing is sent`, async (t) => {
      const { heard, origin } = await wire(t)
      const client = keep(t, new Client(origin))
      for (const end of ends) {
        await assert.rejects(client.request({ path: '/', method: 'GET', ...make(end) }), REFUSED)
      }
      assert.deepEqual(heard, [])
    })
  }

  test('the end of a line in the type of what is like a Blob is refused, and nothing is sent', async (t) => {
    const { heard, origin } = await wire(t)
    const client = keep(t, new Client(origin))
    const body = { [Symbol.toStringTag]: 'Blob', type: 'text/plain\r\nx: 1', size: 1, stream: () => new Blob(['a']).stream() }
    await assert.rejects(client.request({ path: '/', method: 'POST', body }), REFUSED)
    assert.deepEqual(heard, [])
  })

  for (const [form, of] of Object.entries(forms)) {
    if (form !== 'Headers') {
      test(`two content-length fields in ${form} are refused, whatever their case, and nothing is sent`, async (t) => {
        const { heard, origin } = await wire(t)
        const client = keep(t, new Client(origin))
        await assert.rejects(client.request({
          path: '/', method: 'POST', body: 'abcde', headers: of([['Content-Length', '5'], ['content-length', '50']])
        }), REFUSED)
        assert.deepEqual(heard, [])
      })
    }
  }

  test('a path that begins with two slashes names no host', async (t) => {
    const { heard, origin } = await wire(t)
    const before = getGlobalDispatcher()
    setGlobalDispatcher(keep(t, new Agent()))
    t.after(() => setGlobalDispatcher(before))
    const { body } = await request(origin, { path: '//b.invalid/x' })
    await body.text()
    assert.match(heard[0], /^GET \/\/b\.invalid\/x HTTP\/1\.1\r\nhost: 127\.0\.0\.1:/)
  })

  test('the boundaries of forms cannot be foretold', (t) => {
    t.mock.method(Math, 'random', () => 0.5)
    const form = new FormData()
    form.set('a', 'b')
    const boundaries = new Set(Array.from({ length: 1000 }, () => encodeFormData(form).contentType.split('boundary=')[1]))
    assert.equal(boundaries.size, 1000)
    assert.ok([...boundaries].every((boundary) => /[0-9a-f]{24}$/.test(boundary)))
  })
})

describe('what goes to another origin', () => {
  const SECRETS = [['Authorization', 'a'], ['COOKIE', 'b'], ['proxy-authorization', 'c'], ['Host', 'a.test'], ['x-kept', 'd']]

  for (const [form, of] of Object.entries(forms)) {
    for (const [how, make] of Object.entries({
      'the interceptor': (agent, options) => agent.compose(interceptors.redirect({ maxRedirections: 1 })).request(options),
      'the option': (agent, options) => agent.request({ ...options, maxRedirections: 1 })
    })) {
      test(`credentials in ${form} are not led to another origin by ${how}`, async (t) => {
        const seen = []
        const second = (await serve(t, (request, response) => { seen.push(request.headers); response.end() })).replace('127.0.0.1', 'localhost')
        const first = await serve(t, (request, response) => response.writeHead(302, { location: second }).end())
        const agent = keep(t, new Agent())
        const { body } = await make(agent, { origin: first, path: '/', method: 'GET', headers: of(SECRETS) })
        await body.text()
        const [{ authorization, cookie, 'proxy-authorization': proxy, host, 'x-kept': kept }] = seen
        assert.deepEqual([authorization, cookie, proxy, host, kept], [undefined, undefined, undefined, new URL(second).host, 'd'])
      })
    }
  }

  test('credentials stay where a path with two slashes looks like the next origin', async (t) => {
    const seen = []
    const second = (await serve(t, (request, response) => { seen.push(request.headers.authorization); response.end() })).replace('127.0.0.1', 'localhost')
    const first = await serve(t, (request, response) => response.writeHead(302, { location: `${second}/end` }).end())
    const agent = keep(t, new Agent()).compose(interceptors.redirect({ maxRedirections: 1 }))
    const { body } = await agent.request({ origin: first, path: `//${new URL(second).host}/x`, method: 'GET', headers: { authorization: 'a' } })
    await body.text()
    assert.deepEqual(seen, [undefined])
  })

  test('a token with the end of a line reaches no proxy by way of an EnvHttpProxyAgent', async (t) => {
    const { heard, origin } = await wire(t)
    const send = async () => {
      const agent = new EnvHttpProxyAgent({ httpProxy: origin, noProxy: '', token: 'Bearer a\r\nx: 1' })
      t.after(() => agent.destroy())
      await agent.request({ origin: 'http://a.test', path: '/', method: 'GET' })
    }
    await assert.rejects(send, REFUSED)
    assert.deepEqual(heard, [])
  })

  test('the credentials of a proxy are for the proxy, and a request cannot add any', async (t) => {
    const { heard, origin } = await wire(t)
    const agent = new ProxyAgent({ uri: origin, token: 'Bearer secret' })
    t.after(() => agent.destroy())
    for (const of of Object.values(forms)) {
      await assert.rejects(agent.request({ origin: 'http://a.test', path: '/', method: 'GET', headers: of([['Proxy-Authorization', 'mine']]) }), REFUSED)
    }
    assert.deepEqual(heard, [])
  })
})

describe('what a response says', () => {
  test('octets that come before the next request are not its response', async (t) => {
    const { heard, origin } = await wire(t, (number) => number === 1
      ? 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison'
      : 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood')
    const client = keep(t, new Client(origin))
    const texts = []
    for (let count = 0; count < 2; count++) {
      const { body } = await client.request({ path: '/', method: 'GET' })
      texts.push(await body.text())
    }
    assert.deepEqual([texts, heard.length], [['ok', 'good'], 2])
  })

  for (const [name, fields] of Object.entries({
    'two lengths that differ': 'content-length: 2\r\ncontent-length: 3',
    'a length and chunks': 'content-length: 2\r\ntransfer-encoding: chunked',
    'a length that is no number': 'content-length: +2'
  })) {
    test(`a response with ${name} is refused`, async (t) => {
      const { origin } = await wire(t, () => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\nok`)
      const client = keep(t, new Client(origin))
      await assert.rejects(client.request({ path: '/', method: 'GET' }).then(({ body }) => body.text()), { name: 'HTTPParserError' })
    })
  }

  test('arrayBuffer() has the octets of its body and of nothing else', async (t) => {
    const { origin } = await wire(t)
    const client = keep(t, new Client(origin))
    const { body } = await client.request({ path: '/', method: 'GET' })
    assert.equal((await body.arrayBuffer()).byteLength, 2)
    const other = await client.request({ path: '/', method: 'GET' })
    assert.equal((await other.body.bytes()).buffer.byteLength, 2)
  })

  test('a response of fetch that nobody reads stops its server', async (t) => {
    let written = 0
    const server = createServer((request, response) => {
      const write = () => {
        while (written < 64 * 1024 * 1024) {
          written += 64 * 1024
          if (!response.write(Buffer.alloc(64 * 1024))) {
            response.once('drain', write)
            return
          }
        }
        response.end()
      }
      write()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => { server.closeAllConnections(); server.close() })
    const agent = keep(t, new Agent())
    const stuck = await fetch(`http://127.0.0.1:${server.address().port}/`, { dispatcher: agent })
    let before
    do {
      before = written
      // Turns of the loop in which another exchange comes and goes: what was to be written is written by then.
      await (await fetch(await serve(t, (request, response) => response.end('x')), { dispatcher: agent })).text()
    } while (written !== before)
    assert.ok(written < 32 * 1024 * 1024, `${written} octets`)
    await stuck.body.cancel()
  })

  test('connections that fail at their certificates leave nothing behind', async (t) => {
    const server = tls.createServer(certificates.good).on('tlsClientError', () => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const client = keep(t, new Client(`https://127.0.0.1:${server.address().port}`))
    const fail = () => assert.rejects(client.request({ path: '/', method: 'GET' }), /certificate/i)
    await fail()
    const before = census()
    for (let count = 0; count < 20; count++) await fail()
    const after = census()
    assert.deepEqual({ ...after, allocations: undefined, memory: undefined }, { ...before, allocations: undefined, memory: undefined })
  })

  test('the rest of a response that was sent again is not shown with another length', async (t) => {
    const origin = await serve(t, (request, response) => {
      if (request.headers.range === undefined) {
        response.writeHead(200, { 'content-length': 10, etag: '"a"', 'accept-ranges': 'bytes' })
        response.write('hello')
        setImmediate(() => response.destroy())
      } else {
        response.writeHead(206, { 'content-range': 'bytes 5-9/10', 'content-length': 4, etag: '"a"' }).end('worl')
      }
    })
    const agent = new RetryAgent(new Agent(), { minTimeout: 1, maxRetries: 1 })
    t.after(() => agent.destroy())
    await assert.rejects(agent.request({ origin, path: '/', method: 'GET' }).then(({ body }) => body.text()), { code: 'UND_ERR_REQ_RETRY', message: 'Content-Length mismatch' })
  })
})

describe('what is sent again', () => {
  const broken = (rest) => (request, response) => {
    if (request.headers.range === undefined) {
      response.writeHead(200, { 'content-length': 10, etag: '"a"' })
      response.write('hello')
      setImmediate(() => response.destroy())
    } else {
      rest(response)
    }
  }
  const hear = async (t, rest, options) => {
    const agent = new RetryAgent(new Agent(), { minTimeout: 1, maxTimeout: 1, maxRetries: 2, ...options })
    t.after(() => agent.destroy())
    const { handler, done } = hearing(2)
    agent.dispatch({ origin: await serve(t, broken(rest)), path: '/', method: 'GET' }, handler)
    return await done
  }

  test('the rest of a response is not shown beyond its end', async (t) => {
    const heard = await hear(t, (response) => response.writeHead(206, { 'content-range': 'bytes 5-9/10', etag: '"a"' }).end('worldHTTP/1.1 200 OK'))
    assert.deepEqual(heard.slice(0, -1), ['start', 'head 200', 'data hello'])
    assert.match(heard.at(-1), /^error Content-Range mismatch/)
  })

  for (const throwOnError of [true, false]) {
    for (const statusCode of [404, 500]) {
      test(`a ${statusCode} in the place of a rest ends the response that was begun, ${throwOnError ? 'with' : 'without'} throwOnError`, async (t) => {
        const heard = await hear(t, (response) => response.writeHead(statusCode).end('another content'), { throwOnError })
        assert.deepEqual(heard.slice(0, -1), ['start', 'head 200', 'data hello'])
        assert.match(heard.at(-1), /^error server does not support the range header/)
      })
    }
  }
})

describe('what is shared by several origins', () => {
  const interceptorOf = { cache: () => interceptors.cache(), deduplicate: () => interceptors.deduplicate() }
  for (const [name, make] of Object.entries(interceptorOf)) {
    for (const Dispatcher of [Client, Pool]) {
      test(`${name} before a ${Dispatcher.name} answers no request with what another origin said`, async (t) => {
        const interceptor = make()
        const ask = async (said) => {
          const origin = await serve(t, (request, response) => response.writeHead(200, { 'cache-control': 'max-age=60' }).end(said))
          const dispatcher = keep(t, new Dispatcher(origin)).compose(interceptor)
          return async () => (await dispatcher.request({ path: '/', method: 'GET' })).body.text()
        }
        const asks = [await ask('one'), await ask('two')]
        assert.deepEqual(await Promise.all(asks.map((one) => one())), ['one', 'two'])
        assert.deepEqual(await Promise.all(asks.map((one) => one())), ['one', 'two'])
      })
    }
  }

  test('a BalancedPool asks the checkServerIdentity that it was given', async (t) => {
    const server = tls.createServer(certificates.good).on('tlsClientError', () => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const asked = []
    const checkServerIdentity = (host) => { asked.push(host); return new Error('not this one') }
    const pool = keep(t, new BalancedPool(`https://localhost:${server.address().port}`, { connect: { ca: certificates.root.cert, checkServerIdentity } }))
    await assert.rejects(pool.request({ path: '/', method: 'GET' }), { message: 'not this one' })
    assert.deepEqual(asked, ['localhost'])
  })
})

describe('what is kept for several users', () => {
  const fields = [
    'private=" authorization"', 'private="\tauthorization"', 'no-cache=" authorization"', 'private = "authorization"', 'private= "authorization"', 'private ="authorization"',
    'no-cache ="authorization"', 'private=""', 'private="', 'private=authorization', 'private="authorization, ', 'private="x", private', 'private, private="x"', ' private ', 'PRIVATE',
    'public, private="authorization"', 'max-age=60, private=,', 'no-store ', 'no-store=""'
  ]
  for (const field of fields) {
    test(`cache-control: ${JSON.stringify(field)} keeps the answer to one user from another`, async (t) => {
      const origin = await serve(t, (request, response) => {
        response.writeHead(200, { 'cache-control': `${field}, max-age=60, public`, authorization: 'secret' }).end(request.headers.authorization ?? 'nobody')
      })
      const agent = keep(t, new Agent()).compose(interceptors.cache())
      const ask = async (headers) => {
        const { headers: got, body } = await agent.request({ origin, path: '/', method: 'GET', headers })
        return { text: await body.text(), shown: got.authorization }
      }
      assert.equal((await ask({ authorization: 'one' })).text, 'one')
      const second = await ask({})
      assert.notEqual(second.text, 'one')
    })
  }

  test('an answer that sets a cookie is kept for nobody', async (t) => {
    let count = 0
    const origin = await serve(t, (request, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=60', 'set-cookie': `user=${++count}` }).end(`${count}`)
    })
    const agent = keep(t, new Agent()).compose(interceptors.cache())
    for (const expected of ['1', '2']) {
      const { headers, body } = await agent.request({ origin, path: '/', method: 'GET' })
      assert.deepEqual([await body.text(), headers['set-cookie']], [expected, `user=${expected}`])
    }
  })
})

describe('cookies', () => {
  const read = (line) => {
    const headers = new Headers()
    headers.append('set-cookie', line)
    return getSetCookies(headers)[0]
  }

  test('the value of a cookie is not decoded', () => {
    assert.equal(read('a=b%0d%0ax-injected:%201').value, 'b%0d%0ax-injected:%201')
  })

  test('sameSite is one of three words or none', () => {
    for (const [value, expected] of [['strict', 'Strict'], ['LAX', 'Lax'], ['None', 'None'], ['NoneOfYourBusiness', undefined], ['StrictLax', undefined], ['xlax', undefined], ['', undefined]]) {
      assert.equal(read(`a=b; SameSite=${value}`).sameSite, expected, value)
    }
  })

  test('no field of a cookie that is set can add an attribute', () => {
    for (const given of [
      { domain: 'a.test; Secure' }, { domain: 'a.test\r\nx: 1' }, { path: '/; Domain=b.test' }, { value: 'b; Domain=b.test' }, { name: 'a; b' }, { unparsed: ['x=y; Domain=b.test'] },
      { unparsed: ['x=y\r\nx: 1'] }, { unparsed: ['Domain=b.test; x'] }
    ]) {
      const headers = new Headers()
      assert.throws(() => setCookie(headers, { name: 'a', value: 'b', ...given }), undefined, JSON.stringify(given))
      assert.deepEqual(headers.getSetCookie(), [])
    }
  })
})

test('what a WebSocket and an EventSource may receive at most is said by each dispatcher', (t) => {
  const webSocket = { maxFragments: 7, maxPayloadSize: 8 }
  const eventSource = { maxEventSize: 9 }
  for (const dispatcher of [
    new Client('http://a.test', { webSocket, eventSource }), new Agent({ webSocket, eventSource }), new ProxyAgent({ uri: 'http://a.test', webSocket, eventSource }),
    new RetryAgent(new Agent({ webSocket, eventSource }))
  ]) {
    keep(t, dispatcher)
    assert.deepEqual(dispatcher.webSocketOptions, webSocket)
    assert.deepEqual(dispatcher.eventSourceOptions, eventSource)
  }
  const { maxFragments, maxPayloadSize } = keep(t, new Agent()).webSocketOptions
  assert.ok(maxFragments <= 131_072 && maxPayloadSize <= 128 * 1024 * 1024)
})

test('a handler that hears of an error hears of nothing else', async (t) => {
  const { origin } = await wire(t, () => 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\x01: 1\r\n\r\nok')
  const { handler, done } = hearing(2)
  keep(t, new Client(origin)).dispatch({ path: '/', method: 'GET' }, handler)
  assert.match((await done).join(), /^start,error /)
})
