'use strict'

// Responses without measure: what a client takes, and where it stops, before the peer has come to any end.

const { test } = require('node:test')
const assert = require('node:assert')
const { meet, outcome } = require('./server.js')

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`
const KIB = 1024

const OVERFLOW = 'HeadersOverflowError UND_ERR_HEADERS_OVERFLOW: Headers Overflow Error'
const TOO_LARGE = 'ResponseExceededMaxSizeError UND_ERR_RES_EXCEEDED_MAX_SIZE: Response content exceeded max size'
const BAD = 'SocketError UND_ERR_SOCKET: bad response'

/** So many octets of fields, name and value, in lines of 64. */
const fields = (octets) => Array.from({ length: octets / 64 }, () => `name: ${'v'.repeat(60)}\r\n`).join('')
const interim = (count, lines = '') => `HTTP/1.1 103 Early Hints\r\n${lines}\r\n`.repeat(count)

// A sentence, the octets behind a GET (nothing follows them: the peer says no end), what the caller sees, options.
const rows = [
  // --- empty lines before the status line
  ['8 empty lines before the status line are skipped', `${'\r\n'.repeat(8)}${OK}content-length: 2\r\n\r\nhi`, '200 hi'],
  ['9 empty lines are too many', '\r\n'.repeat(9), /^HTTPParserError HPE_/],
  ['empty lines without end are too many', '\r\n'.repeat(50_000), /^HTTPParserError HPE_/],
  ['empty lines before an interim and a final answer are counted each', `\r\n\r\n${interim(1)}\r\n\r\n${OK}content-length: 2\r\n\r\nhi`, '200 hi'],

  // --- interim answers
  ['64 interim answers go before the answer', `${interim(64)}${OK}content-length: 2\r\n\r\nhi`, '200 hi'],
  ['65 interim answers are too many', interim(65), BAD],
  ['interim answers without end are too many', interim(5000), BAD],
  ['interim answers of 60 KiB together go before the answer', `${interim(5, fields(12 * KIB))}${OK}content-length: 2\r\n\r\nhi`, '200 hi'],
  ['interim answers of 64 KiB together are too much', interim(8, fields(8 * KIB)), OVERFLOW],
  ['one interim answer has the bound of a head', `HTTP/1.1 103 Early Hints\r\n${fields(16 * KIB)}`, OVERFLOW],
  ['100 Continue was not asked for', `HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 2\r\n\r\nhi`, BAD],
  ['101 Switching Protocols was not asked for', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: a\r\n\r\n', 'SocketError UND_ERR_SOCKET: bad upgrade'],
  ['an interim answer with content-length has no content', `HTTP/1.1 103 Early Hints\r\ncontent-length: 5\r\n\r\n${OK}content-length: 2\r\n\r\nhi`, '200 hi'],

  // --- status line
  ['a reason phrase of 16 KiB less one octet is taken', `HTTP/1.1 200 ${'r'.repeat(16 * KIB - 1)}\r\ncontent-length: 2\r\n\r\nhi`, '200 hi'],
  ['a reason phrase of 16 KiB is noticed before its line ends', `HTTP/1.1 200 ${'r'.repeat(16 * KIB)}`, OVERFLOW],
  ['a status line that is none is noticed at once', 'S', /^HTTPParserError HPE_/],
  ['HTTP/2 is noticed before the line ends', 'HTTP/2', /^HTTPParserError HPE_/],
  ['a TLS alert is no answer', '\x15\x03\x01\x00\x02\x02\x46', /^HTTPParserError HPE_/],

  // --- heads
  ['a head of 16 KiB less one octet is taken', `${OK}${fields(16 * KIB - 64)}a: ${'v'.repeat(47)}\r\ncontent-length: 2\r\n\r\nhi`, '200 hi'],
  ['a head of 16 KiB is noticed before it ends', `${OK}${fields(16 * KIB)}`, OVERFLOW],
  ['a name of 16 KiB is noticed before its line ends', `${OK}${'n'.repeat(16 * KIB)}`, OVERFLOW],
  ['a value of 16 KiB is noticed before its line ends', `${OK}a: ${'v'.repeat(16 * KIB)}`, OVERFLOW],
  ['white space around values does not count', `${OK}a:${' '.repeat(16 * KIB)}b\r\ncontent-length: 2\r\n\r\nhi`, '200 hi'],
  ['white space without end is noticed before its line ends', `${OK}a:${' '.repeat(160 * KIB)}`, OVERFLOW],
  ['3,000 tiny fields are taken', `${OK}${'a: b\r\n'.repeat(3000)}content-length: 2\r\n\r\nhi`, '200 hi'],
  ['8,192 tiny fields are too many', `${OK}${'a: b\r\n'.repeat(8192)}`, OVERFLOW],
  ['maxHeaderSize bounds a head', `${OK}a: ${'v'.repeat(100)}`, OVERFLOW, { maxHeaderSize: 100 }],
  ['maxHeaderSize allows more than 16 KiB', `${OK}${fields(100 * KIB)}content-length: 2\r\n\r\nhi`, '200 hi', { maxHeaderSize: 200 * KIB }],

  // --- trailers
  ['trailers of 15 KiB are taken', `${CHUNKED}2\r\nhi\r\n0\r\n${fields(15 * KIB)}\r\n`, '200 hi'],
  ['trailers of 16 KiB are noticed before they end', `${CHUNKED}2\r\nhi\r\n0\r\n${fields(16 * KIB)}`, OVERFLOW],
  ['a trailer without end is noticed before its line ends', `${CHUNKED}2\r\nhi\r\n0\r\na: ${'v'.repeat(17 * KIB)}`, OVERFLOW],
  ['head and trailers are bounded each by itself', `${OK}${fields(12 * KIB)}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n${fields(12 * KIB)}\r\n`, '200 hi'],

  // --- chunks
  ['32 digits of a chunk size are taken', `${CHUNKED}${'0'.repeat(31)}2\r\nhi\r\n0\r\n\r\n`, '200 hi'],
  ['zeros of a chunk size without end are noticed', `${CHUNKED}${'0'.repeat(33)}`, /^HTTPParserError HPE_INVALID_CHUNK_SIZE/],
  ['the last chunk may have 32 zeros', `${CHUNKED}2\r\nhi\r\n${'0'.repeat(32)}\r\n\r\n`, '200 hi'],
  ['a chunk of 2^64 octets is refused', `${CHUNKED}10000000000000000\r\n`, /^HTTPParserError HPE_INVALID_CHUNK_SIZE/],
  ['chunk extensions of 15 KiB are taken', `${CHUNKED}2;a=${'v'.repeat(15 * KIB)}\r\nhi\r\n0\r\n\r\n`, '200 hi'],
  ['chunk extensions of 17 KiB are noticed before their line ends', `${CHUNKED}2;a=${'v'.repeat(17 * KIB)}`, /^HTTPParserError HPE_/],
  ['a quoted chunk extension without end is noticed', `${CHUNKED}2;a="${' '.repeat(17 * KIB)}`, /^HTTPParserError HPE_/],
  ['extensions of many small chunks are counted together', `${CHUNKED}${`1;a=${'v'.repeat(1000)}\r\nx\r\n`.repeat(20)}`, /^HTTPParserError HPE_/],

  // --- maxResponseSize
  ['a body of maxResponseSize octets is taken', `${OK}content-length: 10\r\n\r\n0123456789`, '200 0123456789', { maxResponseSize: 10 }],
  ['a body of one octet more is refused', `${OK}content-length: 11\r\n\r\n01234567890`, TOO_LARGE, { maxResponseSize: 10 }],
  ['chunks count together', `${CHUNKED}6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n`, TOO_LARGE, { maxResponseSize: 10 }],
  ['chunks of maxResponseSize octets together are taken', `${CHUNKED}6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n`, '200 0123456789', { maxResponseSize: 10 }],
  ['a body up to the end of the connection counts as it comes', `${OK}\r\n01234567890`, TOO_LARGE, { maxResponseSize: 10 }],
  ['maxResponseSize 0 refuses any octet', `${OK}content-length: 1\r\n\r\nx`, TOO_LARGE, { maxResponseSize: 0 }],
  ['maxResponseSize 0 takes an empty body', `${OK}content-length: 0\r\n\r\n`, '200 ', { maxResponseSize: 0 }],
  ['maxResponseSize -1 is no bound', `${OK}content-length: 11\r\n\r\n01234567890`, '200 01234567890', { maxResponseSize: -1 }]
]

for (const [sentence, octets, expected, options] of rows) {
  test(sentence, { timeout: 20e3 }, async (t) => {
    const { server, client } = await meet(t, options, async (peer) => {
      await peer.head()
      peer.send(octets)
    })
    const seen = await outcome(client.request({ path: '/', method: 'GET' }))
    if (expected instanceof RegExp) assert.match(seen, expected)
    else assert.strictEqual(seen, expected)
    if (!seen.startsWith('200')) {
      // What was refused ends the connection, and the next request has another.
      await server.peers[0].ended
      if (!(options?.maxResponseSize < 4)) {
        assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
      }
      assert.strictEqual(server.peers[0].requests, 1)
    }
  })
}

test('maxResponseSize does not concern the content-length of an answer to HEAD', async (t) => {
  const { client } = await meet(t, { maxResponseSize: 1 }, async (peer) => {
    await peer.head()
    peer.send(`${OK}content-length: 100\r\n\r\n`)
  })
  const { statusCode, headers } = await client.request({ path: '/', method: 'HEAD' })
  assert.deepStrictEqual([statusCode, headers['content-length']], [200, '100'])
})
