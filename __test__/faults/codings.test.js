'use strict'

// Contents whose codings are undone, from servers that cut them off, change them, or say too much: an error that has the
// codec's name, or the connection's, and what becomes of the connection.

const { describe, test } = require('node:test')
const assert = require('node:assert')
const zlib = require('node:zlib')
const { library, meet, outcome } = require('./server.js')

const patience = { timeout: 20e3 }
const TEXT = 'twelve '.repeat(20)
// More than a window, and nothing that repeats, so that a codec has much to read as well.
const LARGE = Array.from({ length: 40_000 }, (_, index) => Math.imul(index, 2654435761) >>> 0).map(String).join(' ')
const END = 'Error Z_BUF_ERROR: unexpected end of file'
const CLOSED = 'SocketError UND_ERR_SOCKET: other side closed'
const latin1 = (octets) => octets.toString('latin1')

// zstd is the engine's on every Node.js; not all of these can write it.
const codings = {
  gzip: (text) => latin1(zlib.gzipSync(text)),
  deflate: (text) => latin1(zlib.deflateSync(text)),
  'deflate without its header': (text) => latin1(zlib.deflateRawSync(text)),
  br: (text) => latin1(zlib.brotliCompressSync(text)),
  ...(zlib.zstdCompressSync && { zstd: (text) => latin1(zlib.zstdCompressSync(text)) })
}

const whole = (head, content) => `${head}content-length: ${content.length}\r\n\r\n${content}`
const chunked = (head, content, end = '0\r\n\r\n') => `${head}transfer-encoding: chunked\r\n\r\n${content.length.toString(16)}\r\n${content}\r\n${end}`

// A sentence; the octets, of the head's first lines, the coded content and the text; whether the server ends then; what is
// seen; whether the connection is used again.
const rows = [
  ['a whole content', (head, coded) => whole(head, coded), false, 'text', true],
  ['a whole content in chunks', (head, coded) => chunked(head, coded), false, 'text', true],
  ['a whole content up to the end', (head, coded) => `${head}\r\n${coded}`, true, 'text', false],
  ['a content that lacks its last octet', (head, coded) => whole(head, coded.slice(0, -1)), false, END, true],
  ['a content that lacks its last octet, in chunks', (head, coded) => chunked(head, coded.slice(0, -1)), false, END, true],
  ['a content that lacks its last octet, up to the end', (head, coded) => `${head}\r\n${coded.slice(0, -1)}`, true, END, false],
  ['half a content', (head, coded) => whole(head, coded.slice(0, coded.length >> 1)), false, END, true],
  ['no octet of a content', (head) => whole(head, ''), false, END, true],
  ['a content that the connection cuts off', (head, coded) => whole(head, coded).slice(0, -1), true, CLOSED, false],
  ['a content whose chunks the connection cuts off', (head, coded) => chunked(head, coded, ''), true, CLOSED, false],
  ['a content whose trailers are none', (head, coded) => chunked(head, coded, '0\r\nno colon\r\n\r\n'), false, /^HTTPParserError HPE_INVALID_HEADER_TOKEN/, false],
  ['a content with something behind the response', (head, coded) => `${whole(head, coded)}poison`, false, 'text', false]
]

for (const [name, code] of Object.entries(codings)) {
  describe(name, () => {
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: ${name.split(' ')[0]}\r\n`
    for (const [size, text] of [['small', TEXT], ['large', LARGE]]) {
      const coded = code(text)
      for (const [sentence, octets, isEnd, expected, isReused] of rows) {
        test(`${sentence}, ${size}`, patience, async (t) => {
          const { server, client } = await meet(t, undefined, async (peer) => {
            await peer.head()
            peer.send(octets(head, coded, text))
            if (isEnd) peer.end()
            while (await peer.head() !== null) peer.answer('again')
          })
          const asking = client.compose(library.interceptors.decompress())
          const seen = await outcome(asking.request({ path: '/', method: 'GET' }))
          if (expected instanceof RegExp) assert.match(seen, expected)
          else assert.strictEqual(seen, expected === 'text' ? `200 ${text}` : expected)
          if (!isReused) await server.peers[0].ended
          assert.strictEqual(await outcome(asking.request({ path: '/', method: 'GET' })), isReused ? '200 again' : '200 fine')
          assert.strictEqual(server.peers.length, isReused ? 1 : 2)
        })
      }
    }
  })
}

for (const [field, expected] of [
  ['gzip, identity', 'as it is'], ['own', 'as it is'], ['gzip;q=1', 'as it is'],
  ['gzip', 'text'], ['x-gzip', 'text'], ['GZip', 'text'], ['gzip,', 'text'], [', gzip', 'text'],
  ['gzip, gzip', 'Error Z_DATA_ERROR: incorrect header check'], ['br, gzip', /^Error (ERR__|Z_BUF_ERROR)/]
]) {
  test(`a gzip content that is said to be '${field}'`, patience, async (t) => {
    const coded = codings.gzip(TEXT)
    const { client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.send(whole(`HTTP/1.1 200 OK\r\ncontent-encoding: ${field}\r\n`, coded))
    })
    const call = async () => {
      const { body } = await client.compose(library.interceptors.decompress()).request({ path: '/', method: 'GET' })
      const octets = latin1(Buffer.from(await body.arrayBuffer()))
      return octets === coded ? 'as it is' : octets === TEXT ? 'text' : octets
    }
    const seen = await outcome(call())
    if (expected instanceof RegExp) assert.match(seen, expected)
    else assert.strictEqual(seen, expected)
  })
}
