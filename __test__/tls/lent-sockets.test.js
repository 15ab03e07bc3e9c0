'use strict'

// Sockets of JavaScript's that the engine runs HTTP over: how they come, what goes over them, how they end.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { subscribe, unsubscribe } = require('node:diagnostics_channel')
const { once } = require('node:events')
const net = require('node:net')
const { Duplex, PassThrough, Readable } = require('node:stream')
const tls = require('node:tls')
const { buildConnector, errors } = require('../..')
const { census } = require('../../lib/native/bridge')
const { certificates } = require('./certificates')
const { clientOf, get, packages, serve, serveTcp } = require('./server')

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine'
const MEBIBYTE = 1024 * 1024

/** A server of mere TCP that answers each request, and its address as http. */
async function servePlain (t, listener = (socket) => socket.on('data', () => socket.write(OK))) {
  const { server, port } = await serveTcp(t, (socket) => listener(socket.on('error', () => {})))
  return { server, port, origin: `http://127.0.0.1:${port}` }
}

/** A connector whose sockets are collected. */
function collecting (connect) {
  const sockets = []
  return Object.assign((params, callback) => {
    const socket = connect(params)
    sockets.push(socket)
    socket.once('error', (error) => callback(error, null)).once('connect', () => callback(null, socket))
  }, { sockets })
}

const dial = () => collecting(({ hostname, port }) => net.connect(port, hostname))

/** Two streams, each of which reads what the other writes. */
function pair () {
  const ends = [0, 1].map((index) => new Duplex({
    read () {},
    write (chunk, encoding, callback) {
      ends[1 - index].push(chunk)
      callback()
    }
  }))
  return ends
}

async function failure (promise) {
  return promise.then(() => assert.fail('it succeeded'), (error) => error)
}

async function closed (socket) {
  if (!socket.closed) {
    await once(socket, 'close')
  }
}

// --- how they come

test('a net.Socket that a function connects, which is told what is wanted', async (t) => {
  const { origin, port } = await servePlain(t)
  for (const from of Object.values(packages)) {
    let wanted
    const client = clientOf(t, origin, (params, callback) => {
      wanted = params
      const socket = net.connect(port, '127.0.0.1', () => callback(null, socket))
    }, {}, from)
    assert.equal(await get(client), 'fine')
    assert.deepEqual(
      [wanted.host, wanted.hostname, wanted.protocol, wanted.port, wanted.localAddress ?? null],
      [`127.0.0.1:${port}`, '127.0.0.1', 'http:', String(port), null]
    )
  }
})

test('requests one after the other share a socket', async (t) => {
  const { origin } = await servePlain(t)
  const connect = dial()
  const client = clientOf(t, origin, connect)
  assert.equal(await get(client), 'fine')
  assert.equal(await get(client), 'fine')
  assert.equal(connect.sockets.length, 1)
})

test('a socket that is given later, in another turn', async (t) => {
  const { origin, port } = await servePlain(t)
  const client = clientOf(t, origin, async (params, callback) => {
    const socket = net.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    setImmediate(() => callback(null, socket))
  })
  assert.equal(await get(client), 'fine')
})

test('a socket that was paused is read', async (t) => {
  const { origin, port } = await servePlain(t)
  const client = clientOf(t, origin, (params, callback) => {
    const socket = net.connect(port, '127.0.0.1', () => callback(null, socket.pause()))
  })
  assert.equal(await get(client), 'fine')
})

test('any Duplex will do', async (t) => {
  const [ours, theirs] = pair()
  theirs.on('data', () => theirs.write(OK))
  const client = clientOf(t, 'http://nowhere.invalid', (params, callback) => callback(null, ours))
  assert.equal(await get(client), 'fine')
})

test('an end that is the other half of a failing write is no end of a content', async (t) => {
  // So libuv tells of a reset that comes together with octets.
  const reset = Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET' })
  const socket = new Duplex({
    read () {},
    write (chunk, encoding, callback) {
      if (this.emit('asked')) {
        callback()
      } else {
        this.push('HTTP/1.1 200 OK\r\n\r\nhalf')
        setImmediate(callback, reset)
        this.push(null)
      }
    }
  })
  const asked = once(socket, 'asked')
  const client = clientOf(t, 'http://nowhere.invalid', (params, callback) => callback(null, socket), { pipelining: 2 })
  const first = failure(get(client))
  await asked
  const second = failure(get(client))
  assert.equal(await first, reset)
  await client.destroy()
  await second
})

test('https over a socket that is TLS already', async (t) => {
  const { origin, port } = await serve(t)
  const client = clientOf(t, origin, (params, callback) => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername: params.hostname, ca: certificates.root.cert },
      () => callback(null, socket))
  })
  assert.equal(await get(client), 'fine')
})

// --- how they fail to come

test('the error that is given is the error of the request', async (t) => {
  const error = new Error('mine')
  for (const from of Object.values(packages)) {
    const client = clientOf(t, 'http://localhost', (params, callback) => callback(error, null), {}, from)
    const heard = once(client, 'connectionError')
    assert.equal(await failure(get(client)), error)
    assert.equal((await heard)[2], error)
  }
})

test('what the function throws is the error of the request', async (t) => {
  const error = new Error('mine')
  for (const from of Object.values(packages)) {
    const client = clientOf(t, 'http://localhost', () => { throw error }, {}, from)
    assert.equal(await failure(get(client)), error)
  }
})

test('an answer without error and socket fails the request', async (t) => {
  const error = await failure(get(clientOf(t, 'http://localhost', (params, callback) => callback(null))))
  assert.ok(error instanceof errors.InvalidArgumentError)
})

test('a second answer changes nothing', async (t) => {
  const { origin, port } = await servePlain(t)
  const client = clientOf(t, origin, (params, callback) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      callback(null, socket)
      callback(new Error('too late'), null)
    })
  })
  assert.equal(await get(client), 'fine')
})

test('a socket that comes after the client was destroyed is destroyed', async (t) => {
  for (const from of Object.values(packages)) {
    let failed
    let client
    const answer = await new Promise((resolve) => {
      client = clientOf(t, 'http://localhost', (params, callback) => resolve(callback), {}, from)
      failed = failure(get(client))
    })
    client.destroy()
    assert.ok(await failed instanceof errors.ClientDestroyedError)
    const socket = new PassThrough()
    const over = new Promise((resolve) => socket.once('close', resolve))
    answer(null, socket)
    await over
    assert.equal(socket.destroyed, true)
  }
})

test('a socket that is destroyed already fails the request', async (t) => {
  const client = clientOf(t, 'http://localhost', (params, callback) => {
    const socket = new PassThrough().destroy()
    callback(null, socket)
  })
  const error = await failure(get(client))
  assert.equal(error.code, 'UND_ERR_SOCKET')
})

// --- how they end

for (const [when, prefix] of [['before', ''], ['inside the head of', 'HTTP/1.1 200 OK\r\ncont'], ['inside the body of', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfi']]) {
  test(`the error of a socket ${when} an answer is the error of the request`, async (t) => {
    const mine = new Error('mine')
    const [ours, theirs] = pair()
    const client = clientOf(t, 'http://nowhere.invalid', (params, callback) => callback(null, ours))
    theirs.on('data', () => {
      if (prefix === '') {
        ours.destroy(mine)
      } else {
        ours.on('data', () => setImmediate(() => ours.destroy(mine)))
        theirs.write(prefix)
      }
    })
    assert.equal(await failure(get(client)), mine)
  })

  test(`a socket that ends ${when} an answer fails the request`, async (t) => {
    const { origin } = await servePlain(t, (socket) => socket.on('data', () => socket.end(prefix)))
    const error = await failure(get(clientOf(t, origin, dial()), { method: 'POST' }))
    assert.deepEqual([error.code, error.message], ['UND_ERR_SOCKET', 'other side closed'])
  })

  test(`a socket that closes without an error ${when} an answer fails the request`, async (t) => {
    const { origin } = await servePlain(t, (socket) => socket.on('data', () => socket.write(prefix || ' ')))
    const connect = dial()
    const client = clientOf(t, origin, (params, callback) => connect(params, (error, socket) => {
      socket?.on('data', () => setImmediate(() => socket.destroy()))
      callback(error, socket)
    }))
    assert.equal((await failure(get(client, { method: 'POST' }))).code, prefix === '' ? 'HPE_INVALID_CONSTANT' : 'UND_ERR_SOCKET')
  })
}

test('an idle socket that the server closed is not used again', async (t) => {
  const { origin } = await servePlain(t, (socket) => socket.once('data', () => socket.end(OK)))
  const connect = dial()
  const client = clientOf(t, origin, connect)
  assert.equal(await get(client), 'fine')
  await closed(connect.sockets[0])
  assert.equal(await get(client), 'fine')
  assert.equal(connect.sockets.length, 2)
})

test('an idle socket is closed after keepAliveTimeout', async (t) => {
  const { origin } = await servePlain(t)
  const connect = dial()
  const client = clientOf(t, origin, connect, { keepAliveTimeout: 20 })
  const over = once(client, 'disconnect')
  assert.equal(await get(client), 'fine')
  assert.equal((await over)[2].message, 'socket idle timeout')
  assert.equal(connect.sockets[0].destroyed, true)
})

test('an abort closes the socket of its request', async (t) => {
  const arrived = new Promise((resolve) => {
    t.server = servePlain(t, (socket) => socket.once('data', resolve))
  })
  const { origin } = await t.server
  const connect = dial()
  const controller = new AbortController()
  const failed = failure(get(clientOf(t, origin, connect), { signal: controller.signal }))
  await arrived
  controller.abort()
  assert.equal((await failed).name, 'AbortError')
  await closed(connect.sockets[0])
})

test('headersTimeout and bodyTimeout run over a lent socket', async (t) => {
  const { origin } = await servePlain(t, (socket) => socket.once('data', (data) => {
    if (data.includes('/body')) {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfi')
    }
  }))
  const client = clientOf(t, origin, dial(), { headersTimeout: 50, bodyTimeout: 50 })
  assert.equal((await failure(get(client))).code, 'UND_ERR_HEADERS_TIMEOUT')
  assert.equal((await failure(get(client, { path: '/body', headersTimeout: 0 }))).code, 'UND_ERR_BODY_TIMEOUT')
})

test('nothing is left when the client is closed', async (t) => {
  const { origin } = await servePlain(t)
  const client = clientOf(t, origin, dial())
  assert.equal(await get(client), 'fine')
  assert.equal(census().sockets, 1)
  await client.close()
  assert.equal(census().sockets, 0)
})

// --- what goes over them

test('10 MiB each way, at the pace of the slower side', async (t) => {
  const { origin } = await serve(t, {}, (request, response) => request.pipe(response))
  const connect = buildConnector({ ca: certificates.root.cert })
  const sockets = []
  const client = clientOf(t, origin, (params, callback) => sockets.push(connect(params, callback)))
  const piece = Buffer.alloc(MEBIBYTE / 4, 'dodici')
  const { body } = await client.request({ path: '/', method: 'POST', body: Readable.from(Array(40).fill(piece)) })
  let length = 0
  let most = 0
  for await (const chunk of body) {
    assert.ok(chunk.equals(Buffer.concat([piece, piece]).subarray(length % 6, length % 6 + chunk.length)) || chunk.length > 0)
    length += chunk.length
    most = Math.max(most, sockets[0].writableLength)
  }
  assert.equal(length, 10 * MEBIBYTE)
  assert.ok(most <= MEBIBYTE, `${most} octets waited in the socket`)
})

test('a body that nobody reads stops its socket', async (t) => {
  const total = 32 * MEBIBYTE
  const { origin } = await servePlain(t, (socket) => socket.once('data', () => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`)
    socket.write(Buffer.alloc(total))
  }))
  const connect = dial()
  const { body } = await clientOf(t, origin, connect).request({ path: '/', method: 'GET' })
  const [socket] = connect.sockets
  if (!socket.isPaused()) {
    await once(socket, 'pause')
  }
  assert.ok(socket.bytesRead < 4 * MEBIBYTE, `${socket.bytesRead} octets were read`)
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
  }
  assert.equal(length, total)
})

test('CONNECT and upgrade make a tunnel of a lent socket', async (t) => {
  const { origin } = await servePlain(t, (socket) => socket.once('data', (head) => {
    socket.write(head.includes('CONNECT') ? 'HTTP/1.1 200 OK\r\n\r\n' : 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')
    socket.pipe(socket)
  }))
  const client = clientOf(t, origin, dial())
  const calls = [() => client.connect({ path: 'a:1' }), () => client.upgrade({ path: '/', protocol: 'echo' })]
  for (const call of calls) {
    const { socket } = await call()
    socket.end('there and back')
    let text = ''
    for await (const chunk of socket) {
      text += chunk
    }
    assert.equal(text, 'there and back')
  }
})

test('pipelined requests are answered in order', async (t) => {
  const { origin } = await serve(t, {}, (request, response) => response.end(request.url))
  const connect = buildConnector({ ca: certificates.root.cert })
  const client = clientOf(t, origin, (params, callback) => connect(params, callback), { pipelining: 3 })
  assert.deepEqual(await Promise.all(['/1', '/2', '/3'].map((path) => get(client, { path }))), ['/1', '/2', '/3'])
})

// --- buildConnector

test('a connector of buildConnector is not called: the engine does the same', async (t) => {
  const { origin } = await serve(t)
  const original = tls.connect
  t.after(() => { tls.connect = original })
  tls.connect = () => assert.fail('connected by Node')
  const client = clientOf(t, origin, buildConnector({ ca: certificates.root.cert }))
  assert.equal(await get(client), 'fine')
})

test('who wraps buildConnector gets a TLSSocket with its certificate', async (t) => {
  const { origin } = await serve(t)
  const connect = buildConnector({ ca: certificates.root.cert })
  const seen = []
  const client = clientOf(t, origin, (params, callback) => connect(params, (error, socket) => {
    seen.push(socket instanceof tls.TLSSocket, socket.authorized, socket.getPeerCertificate().subject.CN, socket.isSessionReused())
    callback(error, socket)
  }), { pipelining: 0 })
  assert.equal(await get(client), 'fine')
  assert.deepEqual(seen, [true, true, 'localhost', false])
})

test('a check of who wraps buildConnector can refuse a server', async (t) => {
  const { origin } = await serve(t)
  const connect = buildConnector({ ca: certificates.root.cert })
  const client = clientOf(t, origin, (params, callback) => connect(params, (error, socket) => {
    socket.destroy()
    callback(error ?? new Error('Fingerprint does not match'))
  }))
  assert.equal((await failure(get(client))).message, 'Fingerprint does not match')
})

test('buildConnector gives up after its timeout', async (t) => {
  const { origin } = await serveTcp(t, () => {})
  const connect = buildConnector({ timeout: 50 })
  const error = await failure(get(clientOf(t, origin, (params, callback) => connect(params, callback))))
  assert.ok(error instanceof errors.ConnectTimeoutError)
})

// --- diagnostics

test('the channels tell of the real socket', async (t) => {
  const { origin } = await servePlain(t)
  const connect = dial()
  const heard = []
  const tell = (name) => {
    const listener = (message) => heard.push([name, message])
    subscribe(`undici:client:${name}`, listener)
    t.after(() => unsubscribe(`undici:client:${name}`, listener))
  }
  tell('beforeConnect')
  tell('connected')
  assert.equal(await get(clientOf(t, origin, connect)), 'fine')
  assert.deepEqual(heard.map(([name]) => name), ['beforeConnect', 'connected'])
  assert.equal(heard[0][1].connector, connect)
  assert.equal(heard[1][1].socket, connect.sockets[0])
})

test('a socket that fails as it is lent is not told of as the next one', async (t) => {
  const { origin, port } = await servePlain(t)
  const sockets = []
  const client = clientOf(t, origin, (params, callback) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      sockets.push(socket)
      callback(null, socket)
      if (sockets.length === 1) {
        socket.destroy(new Error('at once'))
      }
    })
  })
  const connected = []
  const listener = ({ socket }) => connected.push(socket)
  subscribe('undici:client:connected', listener)
  t.after(() => unsubscribe('undici:client:connected', listener))
  await get(client).catch(() => {})
  assert.equal(await get(client), 'fine')
  assert.equal(connected.at(-1), sockets[1])
})

test('connectError tells the error of the connector', async (t) => {
  const mine = new Error('mine')
  const heard = []
  const listener = ({ error }) => heard.push(error)
  subscribe('undici:client:connectError', listener)
  t.after(() => unsubscribe('undici:client:connectError', listener))
  await failure(get(clientOf(t, 'http://localhost', (params, callback) => callback(mine))))
  assert.deepEqual(heard, [mine])
})
