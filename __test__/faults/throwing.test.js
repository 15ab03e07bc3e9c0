'use strict'

// A callback that throws ends its own request and nothing else; a listener that throws is an uncaught exception.

const { describe, test } = require('node:test')
const assert = require('node:assert')
const path = require('node:path')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { Readable } = require('node:stream')
const { behave, listener, meet, outcome } = require('./server.js')

const patience = { timeout: 30e3 }
const OK = 'HTTP/1.1 200 OK\r\n'

/** Answers in pieces, so that no callback is told together with another. */
async function slowly (peer) {
  await peer.heard(3)
  peer.send('HTTP/1.1 103 Early Hints\r\n\r\n')
  peer.send(`${OK}transfer-encoding: chunked\r\n\r\n`)
  peer.send('4\r\nfine\r\n').send('0\r\n\r\n')
  await behave(peer)
}

for (const generation of [1, 2]) {
  for (const [event, method] of [
    ['start', 'GET'], ['info', 'GET'], ['head', 'GET'], ['data', 'GET'], ['body-sent', 'POST'], ['request-sent', 'POST']
  ]) {
    test(`${event} throws, generation ${generation}: the handler hears of it once, the others nothing`, patience, async (t) => {
      const { server, client } = await meet(t, { pipelining: 3 }, slowly)
      const reason = new Error('thrown')
      const handler = listener(generation, { [event]: () => { throw reason } })
      const others = []
      const other = () => others.push(outcome(client.request({ path: '/other', method: 'GET' })))
      client.dispatch({ path: '/', method, body: method === 'POST' ? 'body\r\n' : undefined, idempotent: true }, handler)
      other()
      other()
      assert.strictEqual(await handler.over, reason)
      other()
      for (const seen of await Promise.all(others)) assert.strictEqual(seen, '200 fine')
      assert.strictEqual(handler.seen.filter((one) => one === 'error' || one === 'end').length, 1)
      assert.strictEqual(handler.seen.at(-1), 'error')
      assert.strictEqual(handler.seen.at(-2), event)
      if (event === 'start') assert.ok(server.peers.every((peer) => !peer.received.includes(' / ')), 'nothing was sent')
    })
  }

  test(`the end throws, generation ${generation}: the handler hears of it, the connection lives`, patience, async (t) => {
    const { server, client } = await meet(t)
    const reason = new Error('thrown')
    const handler = listener(generation, { end: () => { throw reason } })
    const heard = new Promise((resolve) => {
      const name = generation === 1 ? 'onError' : 'onResponseError'
      const original = handler[name]
      handler[name] = (...values) => { original(...values); resolve(values.at(-1)) }
    })
    client.dispatch({ path: '/', method: 'GET' }, handler)
    assert.strictEqual(await heard, reason)
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
    assert.ok(server.peers.length <= 2)
  })

  test(`the error throws, generation ${generation}: it is the client's 'error'`, patience, async (t) => {
    const { client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.end()
    })
    const reason = new Error('thrown')
    const heard = once(client, 'error')
    client.dispatch({ path: '/', method: 'GET' }, listener(generation, { error: () => { throw reason } }))
    assert.deepStrictEqual(await heard, [reason])
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
  })

  test(`upgrade throws, generation ${generation}: the socket is destroyed, the client lives`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.send('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: a\r\n\r\n')
    })
    const reason = new Error('thrown')
    let socket
    const handler = listener(generation, { upgrade: (control, details) => { socket = details.socket; throw reason } })
    const heard = new Promise((resolve) => {
      const name = generation === 1 ? 'onError' : 'onResponseError'
      handler[name] = (...values) => resolve(values.at(-1))
    })
    client.dispatch({ path: '/', method: 'GET', upgrade: 'a' }, handler)
    assert.strictEqual(await heard, reason)
    assert.ok(socket.destroyed)
    await server.peers[0].ended
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
  })
}

// --- calls

test('onInfo throws: request() rejects with it', patience, async (t) => {
  const { client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.send(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}content-length: 4\r\n\r\nfine`)
    await behave(peer)
  })
  assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET', onInfo: () => { throw new TypeError('thrown') } })), 'TypeError undefined: thrown')
  assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
})

for (const [sentence, factory, expected] of [
  ['throws', () => { throw new TypeError('thrown') }, 'TypeError undefined: thrown'],
  ['makes nothing', () => null, 'InvalidReturnValueError UND_ERR_INVALID_RETURN_VALUE: expected Writable'],
  ['makes what is no Writable', () => ({ write () {} }), 'InvalidReturnValueError UND_ERR_INVALID_RETURN_VALUE: expected Writable']
]) {
  test(`the factory of stream() ${sentence}`, patience, async (t) => {
    const { client } = await meet(t)
    assert.strictEqual(await outcome(client.stream({ path: '/', method: 'GET' }, factory)), expected)
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
  })
}

for (const [sentence, handler, expected] of [
  ['throws', () => { throw new TypeError('thrown') }, 'TypeError undefined: thrown'],
  ['returns nothing', () => {}, 'InvalidReturnValueError UND_ERR_INVALID_RETURN_VALUE: expected Readable'],
  ['returns what is no Readable', () => ({}), 'InvalidReturnValueError UND_ERR_INVALID_RETURN_VALUE: expected Readable']
]) {
  test(`the handler of pipeline() ${sentence}`, patience, async (t) => {
    const { client } = await meet(t)
    const duplex = client.pipeline({ path: '/', method: 'GET' }, handler).end()
    const [error] = await once(duplex, 'error')
    assert.strictEqual(`${error.name} ${error.code}: ${error.message}`, expected)
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
  })
}

for (const [sentence, make, expected] of [
  ['an iterable', function * () { yield 'a'; throw new TypeError('thrown') }, 'TypeError undefined: thrown'],
  ['an async iterable', async function * () { yield 'a'; throw new TypeError('thrown') }, 'TypeError undefined: thrown'],
  ['a stream', () => new Readable({ read () { this.destroy(new TypeError('thrown')) } }), 'TypeError undefined: thrown'],
  ['a stream that gave something', () => Readable.from((async function * () { yield 'a'; throw new TypeError('thrown') })()), 'TypeError undefined: thrown'],
  ['an iterable whose chunks are none', function * () { yield 5 }, /^TypeError ERR_INVALID_ARG_TYPE/],
  ['an iterable whose chunks are null', function * () { yield null }, /^TypeError ERR_INVALID_ARG_TYPE/],
  ['a stream of objects', () => Readable.from([{ a: 1 }]), /^TypeError ERR_INVALID_ARG_TYPE/],
  ['what cannot be iterated', () => ({ [Symbol.iterator] () { throw new TypeError('thrown') } }), 'TypeError undefined: thrown'],
  ['an iterator without next', () => ({ [Symbol.asyncIterator]: () => ({}) }), /^TypeError/]
]) {
  test(`${sentence} fails as a body: its request rejects with that, and no end is written`, patience, async (t) => {
    // Whether its connection ends depends on whether something was sent.
    const { server, client } = await meet(t, undefined, async (peer) => {
      if (/^GET/.test(await peer.head() ?? '')) peer.answer()
    })
    const seen = await outcome(client.request({ path: '/', method: 'POST', body: make() }))
    if (expected instanceof RegExp) assert.match(seen, expected)
    else assert.strictEqual(seen, expected)
    assert.strictEqual(await outcome(client.request({ path: '/next', method: 'GET' })), '200 fine')
    assert.ok(!server.peers[0].received.includes('0\r\n\r\n'))
    assert.strictEqual(server.peers.filter((peer) => peer.received.includes('/next')).length, 1)
  })
}

// --- what belongs to nobody, in a process of its own

const library = path.join(__dirname, '..', '..')

async function run (program) {
  const source = `'use strict'
    const { Client } = require(${JSON.stringify(process.env.DODICI_FAULTS_LIBRARY ?? library)})
    const server = require('node:net').createServer((socket) => {
      socket.on('error', () => {}).on('data', () => socket.write('HTTP/1.1 200 OK\\r\\ncontent-length: 4\\r\\n\\r\\nfine'))
    })
    process.on('uncaughtException', (error) => console.log('uncaught', error.message))
    server.listen(0, '127.0.0.1', async () => {
      const client = new Client('http://127.0.0.1:' + server.address().port)
      const get = () => client.request({ path: '/', method: 'GET' }).then(({ body }) => body.text())
      ${program}
      server.close()
    })`
  const child = spawn(process.execPath, ['-e', source], { cwd: __dirname, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk) => { output += chunk })
  child.stderr.on('data', (chunk) => { output += chunk })
  const [code, signal] = await once(child, 'close')
  return { code, signal, lines: output.trim().split('\n') }
}

describe('in a process of its own', { concurrency: 3 }, () => {
  for (const [sentence, program, lines] of [
    ['a listener of connect throws', `
      client.on('connect', () => { throw new Error('of connect') })
      console.log(await get())
      console.log(await get())
      await client.destroy()`, ['uncaught of connect', 'fine', 'fine']],
    ['a listener of disconnect throws', `
      client.on('disconnect', () => { throw new Error('of disconnect') })
      console.log(await get())
      await client.destroy()
      console.log('destroyed')`, ['fine', 'uncaught of disconnect', 'destroyed']],
    ['a listener of connectionError throws', `
      const other = new Client('http://127.0.0.1:1')
      other.on('connectionError', () => { throw new Error('of connectionError') })
      await other.request({ path: '/', method: 'GET' }).catch((error) => console.log(error.code))
      await new Promise(setImmediate)
      console.log(await get())
      await client.destroy()`, ['ECONNREFUSED', 'uncaught of connectionError', 'fine']],
    ['a listener of drain throws', `
      client.on('drain', () => { throw new Error('of drain') })
      console.log(await get())
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      console.log(await get())
      await client.destroy()`, ['fine', 'uncaught of drain', 'fine']],
    ['a listener of drain throws behind a connection that failed', `
      const closing = require('node:net').createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end()))
      await new Promise((resolve) => closing.listen(0, '127.0.0.1', resolve))
      const other = new Client('http://127.0.0.1:' + closing.address().port)
      other.on('drain', () => { throw new Error('of drain') })
      const failed = other.request({ path: '/', method: 'GET' }).catch((error) => console.log(error.code))
      const going = Promise.all([get(), get()])
      await new Promise((resolve) => process.once('uncaughtException', resolve))
      await failed
      console.log((await going).join())
      await Promise.all([client.destroy(), other.destroy()])
      closing.close()`, ['uncaught of drain', 'UND_ERR_SOCKET', 'fine,fine']],
    ['a callback of request() throws', `
      client.request({ path: '/', method: 'GET' }, () => { throw new Error('of request') })
      await new Promise((resolve) => process.once('uncaughtException', resolve))
      console.log(await get())
      await client.destroy()`, ['uncaught of request', 'fine']],
    ['a callback of request() throws on an error', `
      const other = new Client('http://127.0.0.1:1')
      other.request({ path: '/', method: 'GET' }, () => { throw new Error('of request') })
      await new Promise((resolve) => process.once('uncaughtException', resolve))
      console.log(await get())
      await client.destroy()`, ['uncaught of request', 'fine']],
    ['a listener of a body throws', `
      const { body } = await client.request({ path: '/', method: 'GET' })
      body.on('data', () => { throw new Error('of data') }).on('error', () => {})
      await new Promise((resolve) => process.once('uncaughtException', resolve))
      console.log(await get())
      await client.destroy()`, null],
    ['a callback of close() throws', `
      console.log(await get())
      client.close(() => { throw new Error('of close') })
      await new Promise((resolve) => process.once('uncaughtException', resolve))`, ['fine', 'uncaught of close']],
    ...['onRequestStart', 'onResponseStart', 'onResponseData', 'onResponseEnd'].map((name) => [`${name} throws, and so does who hears of that`, `
      const handler = { onRequestStart () {}, onResponseStart () {}, onResponseData () {}, onResponseEnd () {} }
      handler.${name} = () => { throw new Error('of the response') }
      handler.onResponseError = (controller, error) => { throw new Error('hearing ' + error.message) }
      const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve))
      client.dispatch({ path: '/', method: 'GET' }, handler)
      await uncaught
      console.log(await get())
      await client.close()
      console.log('closed')`, ['uncaught hearing of the response', 'fine', 'closed']]),
    ['a subscriber of a diagnostics channel throws', `
      require('node:diagnostics_channel').subscribe('undici:client:sendHeaders', () => { throw new Error('of a channel') })
      console.log(await get())
      await new Promise(setImmediate)
      console.log(await get())
      await client.destroy()`, ['uncaught of a channel', 'fine', 'uncaught of a channel', 'fine']]
  ]) {
    test(`${sentence}: the process hears of it, and the client goes on`, patience, async () => {
      const seen = await run(program)
      assert.deepStrictEqual([seen.code, seen.signal], [0, null])
      if (lines !== null) assert.deepStrictEqual([...seen.lines].sort(), [...lines].sort())
      else assert.ok(seen.lines.includes('fine'), seen.lines.join(' | '))
    })
  }
})
