'use strict'

// Every response vector end to end: a server's octets, what the user of a Client hears of them, and whether the connection
// carries another request. The same vectors at the state machine alone, cut at every position: engine/tests/vectors.rs.

const { test } = require('node:test')
const assert = require('node:assert')
const net = require('node:net')
const path = require('node:path')
const { once } = require('node:events')
const { readFileSync } = require('node:fs')
const { library, listener, turn } = require('./server.js')

const AT_ONCE = 64

const file = path.join(__dirname, '..', '..', 'engine', 'tests', 'vectors', 'response.json')
const vectors = JSON.parse(readFileSync(file, 'utf8')).map((vector) => ({
  ...vector,
  raw: Buffer.from(vector.raw_b64, 'base64')
}))

// Their heads allow another request, but octets follow that belong to no response: then none does (rule 16).
const SURPLUS = new Set([
  'own/chunk extra after end',
  'llhttp-request-as-response/connection:156 CRLF between requests, implicit keep-alive',
  'llhttp-request-as-response/connection:713 Emitting part of body and pausing',
  'llhttp-request-as-response/connection:812 Upgrade POST request',
  'llhttp-response/connection:75 HTTP/1.0 with keep-alive and 204 status',
  'llhttp-response/connection:134 HTTP/1.1 with 204 status',
  'llhttp-response/content-length:123 Content-Length reset when no body is received',
  'llhttp-response/pipelining:4 Should parse multiple events'
])

async function whole (socket, octets) {
  socket.write(octets)
}

async function byteByByte (socket, octets) {
  for (let at = 0; at < octets.length && !socket.destroyed && !socket.readableEnded; at++) {
    socket.write(octets.subarray(at, at + 1))
    await turn()
  }
}

const second = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecond')

/** Plays a vector to one client; resolves with the outcome in the words of the vectors. */
async function play (vector, write) {
  let connections = 0
  let reuse = false
  let finish
  let said
  const isSaid = new Promise((resolve) => { said = resolve })
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const isFirst = ++connections === 1
    let requests = 0
    let text = ''
    socket.setNoDelay(true)
    socket.on('error', () => {}).on('end', () => socket.end())
    socket.on('data', async (chunk) => {
      text += chunk.latin1Slice()
      const count = text.split('\r\n\r\n').length - 1
      while (requests < count) {
        requests++
        if (isFirst && requests === 1) {
          finish = () => socket.end()
          await write(socket, vector.raw)
          said()
          if (vector.close === 'fin' && !staysOpen(vector)) finish()
        } else {
          reuse ||= isFirst
          socket.write(second)
        }
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new library.Client(`http://127.0.0.1:${server.address().port}`)
  const info = []
  let head = null
  let trailers = []
  const body = []
  const handler = listener(2, {
    info: (control, { statusCode }) => info.push(statusCode),
    head: (control, { statusCode, statusText }) => { head = { statusCode, statusText, headers: pairs(control.controller.rawHeaders) } },
    data: (control, chunk) => body.push(chunk),
    end: (control) => { trailers = pairs(control.controller.rawTrailers ?? []) }
  })
  // HEAD would end the connection by itself.
  client.dispatch({ path: '/', method: vector.method, reset: false }, handler)
  const over = await handler.over
  await isSaid
  if (over !== 'end') finish()
  // Whatever became of the first, the client takes another request.
  const next = listener(2)
  client.dispatch({ path: '/', method: 'GET', reset: false }, next)
  const after = await next.over
  await client.destroy()
  server.close()
  const settled = handler.seen.filter((event) => event === 'end' || event === 'error').length
  assert.strictEqual(settled, 1, `settled ${settled} times`)
  assert.ok(after === 'end', `the next request: ${after}`)
  if (over !== 'end') {
    return { outcome: 'error', phase: head === null ? 'head' : 'body', undici_code: over.code, error: over }
  }
  return {
    outcome: 'ok',
    status: head.statusCode,
    reason: head.statusText,
    headers: head.headers,
    body_b64: Buffer.concat(body).toString('base64'),
    trailers,
    info,
    reuse
  }
}

// The server ends the connection where the vector says so, but not one that may be used again: that would hide whether it is.
function staysOpen ({ expect }) {
  return expect.outcome === 'ok' && (expect.reuse || isDelimited(expect))
}

/** The response ends by itself. */
function isDelimited ({ headers, status }) {
  const values = (name) => headers.filter(([known]) => known.toLowerCase() === name).map(([, value]) => value)
  const codings = values('transfer-encoding').join(',').split(',').map((one) => one.trim()).filter((one) => one !== '')
  return status === 204 || status === 304 ||
    (codings.length > 0 ? codings.at(-1).toLowerCase() === 'chunked' : values('content-length').length > 0)
}

function pairs (raw) {
  const fields = []
  for (let at = 0; at < raw.length; at += 2) {
    fields.push([raw[at].latin1Slice(), raw[at + 1].latin1Slice()])
  }
  return fields
}

/** What of an outcome is not as expected, in everything that the vector says about it; empty where all is. */
function differences (expected, seen) {
  return Object.entries(expected).filter(([key, value]) => {
    switch (key) {
      case 'why': return false
      case 'phase': return (value === 'head') !== (seen.phase === 'head')
      case 'undici_code': return value !== null && seen.undici_code !== value
      // undici decodes a reason as UTF-8.
      case 'reason': return seen.reason !== Buffer.from(value, 'latin1').toString()
      default: return !same(seen[key], value)
    }
  }).map(([key, value]) => `${key} is ${JSON.stringify(seen[key])}, not ${JSON.stringify(value)}`)
}

function same (one, other) {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Plays all vectors, many side by side; resolves with what is not as it should be. */
async function playAll (write) {
  const failures = []
  // The longest first.
  const waiting = [...vectors].sort((one, other) => one.raw.length - other.raw.length)
  const worker = async () => {
    for (let vector = waiting.pop(); vector !== undefined; vector = waiting.pop()) {
      try {
        const seen = await play(vector, write)
        const allowed = [vector.expect, ...(vector.level === 'may' ? vector.alt ?? [] : [])]
          .map((expected) => SURPLUS.has(vector.name) && expected.outcome === 'ok' ? { ...expected, reuse: false } : expected)
        const found = allowed.map((expected) => differences(expected, seen))
        if (found.every((list) => list.length > 0)) failures.push(`${vector.name}: ${found[0].join(', ')} ${seen.error ?? ''}`)
        if (seen.outcome === 'error' && !isNamed(seen.error)) failures.push(`${vector.name}: ${seen.error.name} ${seen.error.code}`)
      } catch (error) {
        failures.push(`${vector.name}: ${error.message}`)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failures
}

/** An error that undici's users know. */
function isNamed ({ name, code }) {
  return /^UND_ERR_(SOCKET|HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)$/.test(code) ||
    (name === 'HTTPParserError' && (code === undefined || code.startsWith('HPE_')))
}

test('there are 293 vectors', () => {
  assert.strictEqual(vectors.length, 293)
})

for (const [manner, write] of [['whole', whole], ['byte by byte', byteByByte]]) {
  test(`every vector has its outcome when it comes ${manner}`, { timeout: 60e3 }, async () => {
    assert.deepStrictEqual(await playAll(write), [])
  })
}
