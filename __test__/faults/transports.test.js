'use strict'

// The same misdeeds of a server, whatever the octets go through: TLS, a socket that JavaScript lends, the tunnels of both
// kinds of proxies. Each call comes to one end, the next one is answered, and nothing stays.

const { describe, test } = require('node:test')
const assert = require('node:assert')
const net = require('node:net')
const tls = require('node:tls')
const { census } = require('../../lib/native/bridge')
const { certificates } = require('../tls/certificates')
const { openProxy } = require('../dispatcher/proxy')
const { openSocks } = require('../dispatcher/socks5-server')
const { library, outcome, serve, serveOver } = require('./server.js')

const patience = { timeout: 20e3 }
const ca = certificates.root.cert
const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`
const CLOSED = 'SocketError UND_ERR_SOCKET: other side closed'
const BAD = 'SocketError UND_ERR_SOCKET: bad response'
const PARSER = /^HTTPParserError HPE_/
const LARGE = 'x'.repeat(300_000)

// What is served, and who asks for it: `open(t, script)` resolves with `{ server, dispatcher }`.
const transports = {
  TLS: async (t, script) => {
    const server = await serveOver(t, (listener) => tls.createServer({ ...certificates.good, allowHalfOpen: true }, listener), script)
    return { server, origin: `https://localhost:${server.port}`, dispatcher: new library.Client(`https://localhost:${server.port}`, { connect: { ca } }) }
  },
  'a lent socket': async (t, script) => {
    const server = await serve(t, script)
    const connect = (options, callback) => {
      const socket = net.connect(server.port, '127.0.0.1', () => callback(null, socket)).on('error', callback)
    }
    return { server, origin: server.origin, dispatcher: new library.Client(server.origin, { connect }) }
  },
  'a tunnel of CONNECT': async (t, script) => {
    const server = await serve(t, script)
    const proxy = await openProxy(t)
    return { server, origin: server.origin, dispatcher: new library.ProxyAgent({ uri: proxy.url, proxyTunnel: true }) }
  },
  'TLS in a tunnel': async (t, script) => {
    const server = await serveOver(t, (listener) => tls.createServer({ ...certificates.good, allowHalfOpen: true }, listener), script)
    const proxy = await openProxy(t)
    return { server, origin: `https://localhost:${server.port}`, dispatcher: new library.ProxyAgent({ uri: proxy.url, requestTls: { ca } }) }
  },
  'a tunnel of SOCKS5': async (t, script) => {
    const server = await serve(t, script)
    const proxy = await openSocks(t)
    return { server, origin: server.origin, dispatcher: new library.Socks5ProxyAgent(proxy.url) }
  }
}

// A sentence, the octets behind a GET, whether the server then ends, what the caller sees.
const rows = [
  ['ends instead of an answer', '', true, CLOSED],
  ['ends inside the head', `${OK}content-length: 4\r\n`, true, CLOSED],
  ['ends inside a body of known length', `${OK}content-length: 4\r\n\r\nfi`, true, CLOSED],
  ['ends inside a large body', `${OK}content-length: 400000\r\n\r\n${LARGE}`, true, CLOSED],
  ['ends inside a chunk', `${CHUNKED}4\r\nfi`, true, CLOSED],
  ['ends inside a large chunk', `${CHUNKED}61a80\r\n${LARGE}`, true, CLOSED],
  ['ends before the last chunk', `${CHUNKED}4\r\nfine\r\n`, true, CLOSED],
  ['ends inside the trailers', `${CHUNKED}4\r\nfine\r\n0\r\na: b\r\n`, true, CLOSED],
  ['ends a body without length', `${OK}\r\nfine`, true, '200 fine'],
  ['ends a large body without length', `${OK}\r\n${LARGE}`, true, `200 ${LARGE}`],
  ['ends behind a large body', `${OK}content-length: 300000\r\n\r\n${LARGE}`, true, `200 ${LARGE}`],
  ['ends behind an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', true, CLOSED],
  ['speaks another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', false, PARSER],
  ['speaks HTTP/2', '\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64', false, PARSER],
  ['says a TLS alert in plain', '\x15\x03\x01\0\x02\x02\x46', true, PARSER],
  ['says HTTP/2.0', 'HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\nhi', false, PARSER],
  ['says RTSP', 'RTSP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi', false, PARSER],
  ['says a NUL in a reason', 'HTTP/1.1 200 O\0K\r\ncontent-length: 2\r\n\r\nhi', false, PARSER],
  ['ends lines by LF', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nhi', false, PARSER],
  ['folds a field', `${OK}a: b\r\n c\r\ncontent-length: 2\r\n\r\nhi`, false, PARSER],
  ['says two lengths', `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nhi`, false, PARSER],
  ['says a length and chunks', `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`, false, PARSER],
  ['says a coding that is empty beside a length', `${OK}transfer-encoding:\r\ncontent-length: 2\r\n\r\nhi`, false, PARSER],
  ['says a chunk that is none behind a large one', `${CHUNKED}493e0\r\n${LARGE}\r\nxyz`, false, PARSER],
  ['ends a large chunk by LF', `${CHUNKED}493e0\r\n${LARGE}\n0\r\n\r\n`, false, PARSER],
  ['says trailers that are none', `${CHUNKED}4\r\nfine\r\n0\r\nno colon\r\n\r\n`, false, PARSER],
  ['says fields of 20 KB', `${OK}a: ${'v'.repeat(20_000)}\r\n\r\n`, false, 'HeadersOverflowError UND_ERR_HEADERS_OVERFLOW: Headers Overflow Error'],
  ['says 65 interim answers', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(65), false, BAD],
  ['says 100 that was not asked for', `HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 2\r\n\r\nhi`, false, BAD],
  ['says 101 that was not asked for', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: a\r\n\r\n', false, 'SocketError UND_ERR_SOCKET: bad upgrade'],
  ['closes behind an interim answer that says so', `HTTP/1.1 103 Early Hints\r\nconnection: close\r\n\r\n${OK}content-length: 2\r\n\r\nhi`, true, '200 hi'],
  ['says content behind 204', 'HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\nevil', false, '204 '],
  ['says another answer behind the answer', `${OK}content-length: 2\r\n\r\nhi${OK}content-length: 6\r\n\r\npoison`, false, '200 hi'],
  ['says more than a large body', `${OK}content-length: 300000\r\n\r\n${LARGE}${'y'.repeat(5000)}`, false, `200 ${LARGE}`],
  ['says that it gave up behind the answer', `${OK}content-length: 2\r\n\r\nhiHTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n`, true, '200 hi']
]

for (const [name, open] of Object.entries(transports)) {
  describe(`through ${name}, a server`, () => {
    for (const [sentence, octets, isEnd, expected] of rows) {
      test(sentence, patience, async (t) => {
        const before = census()
        const { server, origin, dispatcher } = await open(t, async (peer) => {
          await peer.head()
          peer.send(octets)
          if (isEnd) peer.end()
        })
        const get = () => outcome(dispatcher.request({ origin, path: '/', method: 'GET' }))
        const seen = await get()
        if (expected instanceof RegExp) assert.match(seen, expected)
        else assert.strictEqual(seen, expected)
        // None of these connections is used again. Those on which something follows an answer end when that is there.
        await server.peers[0].ended
        assert.strictEqual(await get(), '200 fine')
        assert.strictEqual(server.peers[0].requests, 1)
        assert.strictEqual(server.peers.length, 2)
        await dispatcher.destroy()
        const { exchanges, dispatchers } = census()
        assert.deepStrictEqual([exchanges, dispatchers], [before.exchanges, before.dispatchers])
      })
    }

    // Node.js resets no connection below TLS.
    for (const end of name.startsWith('TLS') ? ['end'] : ['end', 'reset']) {
      test(`gives up the connection (${end}) when the next GET is on its way: another connection takes it`, patience, async (t) => {
        const { server, origin, dispatcher } = await open(t, async (peer) => {
          await peer.head()
          peer.answer('first')
          await peer.head()
          peer[end]()
        })
        t.after(() => dispatcher.destroy())
        const get = () => outcome(dispatcher.request({ origin, path: '/', method: 'GET' }))
        assert.strictEqual(await get(), '200 first')
        assert.strictEqual(await get(), '200 fine')
        assert.deepStrictEqual(server.peers.map(({ requests }) => requests), [2, 1])
      })
    }
  })
}
