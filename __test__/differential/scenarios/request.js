'use strict'

// client.request(): outcomes, options, and every way to read a body.

const { EventEmitter, once } = require('node:events')
const { Readable } = require('node:stream')
const { head, until, take, answer, send, finish, reset, wait, mark } = require('../server.js')
const { error, show, text } = require('../trace.js')

const get = { path: '/', method: 'GET' }
const LONG = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'
const TRAILERS = send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-t: 1\r\nX-T: 2\r\n\r\n')
const JSON_ANSWER = answer('{"a":1}', 'content-type: application/json')

const row = (name, server, run, more) => ({ name: `request: ${name}`, api: true, server, run, ...more })

/** Requests, and reads the body by one of its methods. */
const reading = (method, server, describe = show) => row(`body.${method}()`, [server], async (stage) => {
  const response = await stage.call('a', 'request', get)
  stage.note('a', 'used', String(response.body.bodyUsed))
  const promise = response.body[method]()
  await stage.outcome('a', method, promise, describe)
  stage.note('a', 'used', String(response.body.bodyUsed))
})
const ACTORS = { why: 'the order of the call and the connection behind it is nobody\'s promise', lanes: true }
const UNUSABLE = {
  why: 'the document promises a TypeError where undici trips over an assertion',
  patch: (expected) => ({ ...expected, events: expected.events.map((line) => line.replace(/AssertionError ERR_ASSERTION ".*"/, 'TypeError "unusable"')) })
}
const UNSENT = {
  why: 'what was aborted before it was sent needs no connection',
  lanes: true,
  except: ['wire', 'client']
}
/** Undici 6 and a second dump() give null, undici 8 gives undefined; neither is a value. */
const nothing = (value) => value == null ? 'nothing' : show(value)
/** Lets the body end, in whatever way. */
const drained = async (stage, body, lane = 'a') => {
  stage.watch(lane, body)
  await stage.seen(lane, 'close')
}
const aborted = ['disconnect', 'drain']
const six = (why) => ({ differs: why })
const RECONNECTS = six('undici 6 opens a connection that nobody needs after an abort')

module.exports = [
  row('what a response has', [[head, answer('hello', 'x-a: 1', 'X-A: 2', 'x-b: 3')]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    stage.note('a', 'statusText', response.statusText)
    await drained(stage, response.body)
  }, six('undici 6 gives no statusText')),
  row('returns undefined with a callback', [[head, answer('hello')]], async (stage) => {
    const returned = stage.use('request', { ...get, opaque: { mine: 1 } }, (err, data) => {
      stage.note('a', 'called back', `${show(err)} ${stage.describe(data)}`)
      stage.watch('a', data.body)
    })
    stage.note('a', 'returned', show(returned))
    await stage.seen('a', 'close')
  }),
  row('a failure with a callback', [[head, finish]], async (stage) => {
    stage.use('request', { ...get, opaque: 'mine' }, (err, data) => stage.note('a', 'called back', `${error(err)} ${show(data)}`))
    await stage.seen('a', 'called back')
  }, { settle: aborted, ours: ACTORS }),
  row('drain comes before the call rejects whose connection failed', [[head, finish]], (stage) => stage.call('a', 'request', get), { settle: ['drain'] }),
  row('drain comes before the call rejects that found nobody', [], (stage) => stage.call('a', 'request', get), {
    open: ({ Client }) => new Client('http://127.0.0.1:1'),
    settle: ['drain']
  }),
  row('a failure with a promise', [[head, finish]], (stage) => stage.call('a', 'request', get), { ours: ACTORS }),
  reading('text', [head, answer('h\u00e9llo')], (value) => JSON.stringify(value)),
  reading('json', [head, JSON_ANSWER]),
  reading('arrayBuffer', [head, answer('hello')], (value) => `${value.constructor.name} ${text(value)}`),
  reading('bytes', [head, answer('hello')], (value) => `${value.constructor.name} ${text(value)}`),
  reading('blob', [head, answer('hello', 'content-type: text/x')], (value) => `${value.constructor.name} ${value.size} ${value.type}`),
  reading('formData', [head, answer('a=1', 'content-type: application/x-www-form-urlencoded')]),
  reading('dump', [head, answer('hello')], nothing),
  row('json() of what is no JSON', [[head, answer('')]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    await stage.outcome('a', 'json', response.body.json().catch((err) => { throw Object.assign(err, { message: '' }) }))
  }),
  row('text() of utf-8 in pieces', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\xe2'), wait('go'), send('\x82\xac')]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    const promise = response.body.text()
    stage.mark('go')
    await stage.outcome('a', 'text', promise)
  }),
  row('text() drops a byte order mark', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n\xef\xbb\xbfhi')]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    await stage.outcome('a', 'text', response.body.text(), (value) => JSON.stringify(value))
  }),
  row('text() after the body came', [[head, answer('hello'), mark('sent')]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    await stage.wait('sent')
    for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve))
    await stage.outcome('a', 'text', response.body.text())
  }),
  row('a second consumption', [[head, answer('{}')]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    await stage.outcome('a', 'json', response.body.json())
    await stage.outcome('a', 'text', () => response.body.text())
    await stage.outcome('a', 'blob', () => response.body.blob())
  }, { ours: UNUSABLE }),
  row('two consumptions at once', [[head, answer('{}')]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    // Here undici never settles the first, so nobody waits for it.
    response.body.json().catch(() => {})
    await stage.outcome('b', 'text', () => response.body.text())
  }, { ours: { ...UNUSABLE, patch: (expected) => ({ ...expected, events: expected.events.map((line) => line === "b text ''" ? 'b text rejected TypeError "unusable"' : line) }) } }),
  row('text() after data was read', [[head, answer('hello')]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    response.body.on('data', () => {})
    await once(response.body, 'end')
    await stage.outcome('a', 'text', response.body.text())
  }),
  row('text() of an empty body', [[head, answer()]], async (stage) => {
    const response = await stage.call('a', 'request', get)
    await stage.outcome('a', 'text', response.body.text(), (value) => JSON.stringify(value))
  }),
  row('text() of HEAD and 204', [[head, send('HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\n'), head, send('HTTP/1.1 204 No Content\r\n\r\n')]], async (stage) => {
    const first = await stage.call('a', 'request', { path: '/', method: 'HEAD', reset: false })
    await stage.outcome('a', 'text', first.body.text(), (value) => JSON.stringify(value))
    const second = await stage.call('b', 'request', get)
    await stage.outcome('b', 'text', second.body.text(), (value) => JSON.stringify(value))
  }),
  row('body.body is a web stream', [[head, answer('hello')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    const { body: web } = body
    stage.note('a', 'is', `${web.constructor.name} same=${body.body === web} used=${body.bodyUsed}`)
    let read = ''
    for await (const chunk of body.body) read += text(chunk)
    stage.note('a', 'read', `${read} used=${body.bodyUsed}`)
  }),
  row('body.body is locked while text() reads', [[head, answer('hello')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    const promise = body.text()
    stage.note('a', 'locked', String(body.body.locked))
    await stage.outcome('a', 'text', promise)
  }, { ours: { why: 'a stream that is being read is locked', patch: (expected) => ({ ...expected, events: expected.events.map((line) => line.replace('locked false', 'locked true')) }) } }),
  row('text() beside a listener for readable', [[head, answer('hello')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    body.on('readable', () => {})
    await stage.outcome('a', 'text', body.text())
  }),
  row('dump(null), and dump() with a signal that never aborts', [[head, answer('hello'), head, answer('hello')]], async (stage) => {
    const first = await stage.call('a', 'request', get)
    await stage.outcome('a', 'dump', first.body.dump(null), nothing)
    const second = await stage.call('b', 'request', get)
    await stage.outcome('b', 'dump', second.body.dump({ signal: new AbortController().signal }))
  }),
  row('the state behind a json() that fails', [[head, answer('{a}')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    await stage.outcome('a', 'json', body.json())
    stage.note('a', 'state', show([body.readableEnded, body.readableAborted, body.destroyed, body.errored?.name]))
  }),
  row('for await over the body', [[head, answer('hello')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    let read = ''
    for await (const chunk of body) read += text(chunk)
    stage.note('a', 'read', read)
  }),
  row('leaving a for await destroys the body', [[head, send(LONG), wait('never')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    const iterator = body[Symbol.asyncIterator]()
    stage.note('a', 'read', text((await iterator.next()).value))
    await iterator.return()
    stage.note('a', 'destroyed', String(body.destroyed))
  }, { settle: aborted, ...RECONNECTS }),
  row('setEncoding gives strings', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhi \xe2'), wait('go'), send('\x82\xac')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    body.setEncoding('utf8')
    let read = ''
    body.on('data', (chunk) => { read += typeof chunk === 'string' ? chunk : `<${chunk.constructor.name}>` })
    stage.mark('go')
    await once(body, 'end')
    stage.note('a', 'read', read)
  }),
  row('setEncoding and text()', [[head, answer('hello')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    body.setEncoding('hex')
    await stage.outcome('a', 'text', body.text())
  }, { differs: 'undici 6 decodes text() as utf-8 whatever setEncoding said' }),
  row('trailers are there after the end', [[head, TRAILERS]], async (stage) => {
    const { body, trailers } = await stage.call('a', 'request', get)
    stage.note('a', 'before', show(trailers))
    await stage.outcome('a', 'text', body.text())
    stage.note('a', 'after', show(trailers))
  }),
  row('responseHeaders raw', [[head, answer('', 'X-A: 1', 'x-a: 2')]], async (stage) => {
    const { body } = await stage.call('a', 'request', { ...get, responseHeaders: 'raw' })
    await body.dump()
  }),
  row('onInfo', [[head, send('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\nlink: b\r\n\r\n'), answer('ok')]], async (stage) => {
    const { body } = await stage.call('a', 'request', { ...get, onInfo: (info) => stage.note('a', 'info', show(info)) })
    await stage.outcome('a', 'text', body.text())
  }),
  row('onInfo with raw headers', [[head, send('HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'), answer('ok')]], async (stage) => {
    const { body } = await stage.call('a', 'request', { ...get, responseHeaders: 'raw', onInfo: (info) => stage.note('a', 'info', show(info)) })
    await stage.outcome('a', 'text', body.text())
  }),
  row('onInfo that throws', [[head, send('HTTP/1.1 103 Early Hints\r\n\r\n'), wait('never')]], (stage) =>
    stage.call('a', 'request', { ...get, onInfo: () => { throw new TypeError('mine') } }), { settle: aborted, ...RECONNECTS }),
  row('opaque comes back', [[head, answer('')]], async (stage) => {
    const { body } = await stage.call('a', 'request', { ...get, opaque: { mine: [1] } })
    await body.dump()
  }),
  row('highWaterMark bounds what is held', [[head, answer('x'.repeat(200_000)), mark('sent')]], async (stage) => {
    const { body } = await stage.call('a', 'request', { ...get, highWaterMark: 1024 })
    await stage.wait('sent')
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
    stage.note('a', 'holds', `mark=${body.readableHighWaterMark} less than all: ${body.readableLength < 200_000}`)
    await stage.outcome('a', 'text', body.text(), (value) => String(value.length))
  }),
  row('a POST with JSON', [[head, until('}'), JSON_ANSWER]], async (stage) => {
    const { body } = await stage.call('a', 'request', { path: '/', method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"b":2}' })
    await stage.outcome('a', 'json', body.json())
  }),

  row('the signal is aborted before', [], (stage) => stage.call('a', 'request', { ...get, signal: AbortSignal.abort() }), { server: [[]], settle: [], ours: UNSENT }),
  row('the signal is aborted before, with a reason', [[]], (stage) => stage.call('a', 'request', { ...get, signal: AbortSignal.abort(new TypeError('mine')) }), { settle: [], ours: UNSENT }),
  row('the signal aborts right after the call', [[]], async (stage) => {
    const controller = new AbortController()
    const calling = stage.call('a', 'request', { ...get, signal: controller.signal })
    controller.abort()
    await calling
  }, { settle: [], ours: UNSENT }),
  row('the signal aborts while the answer is awaited', [[head, mark('got head'), wait('never')]], async (stage) => {
    const controller = new AbortController()
    const calling = stage.call('a', 'request', { ...get, signal: controller.signal })
    await stage.wait('got head')
    controller.abort(new TypeError('mine'))
    await calling
  }, { settle: aborted, ...RECONNECTS }),
  row('the signal aborts while the body is read', [[head, send(LONG), wait('never')]], async (stage) => {
    const controller = new AbortController()
    const { body } = await stage.call('a', 'request', { ...get, signal: controller.signal })
    stage.watch('a', body)
    await stage.received('a', 5)
    controller.abort(new TypeError('mine'))
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS, ours: ACTORS }),
  row('the signal aborts while text() reads', [[head, send(LONG), wait('never')]], async (stage) => {
    const controller = new AbortController()
    const { body } = await stage.call('a', 'request', { ...get, signal: controller.signal })
    const promise = body.text()
    controller.abort()
    await stage.outcome('a', 'text', promise)
  }, { settle: aborted, ...RECONNECTS, ours: ACTORS }),
  row('the signal aborts after the end', [[head, answer('ok')]], async (stage) => {
    const controller = new AbortController()
    const { body } = await stage.call('a', 'request', { ...get, signal: controller.signal })
    await stage.outcome('a', 'text', body.text())
    controller.abort()
    stage.note('a', 'errored', String(body.errored))
  }),
  row('an EventEmitter aborts', [[head, mark('got head'), wait('never')]], async (stage) => {
    const emitter = new EventEmitter()
    const calling = stage.call('a', 'request', { ...get, signal: emitter })
    await stage.wait('got head')
    emitter.emit('abort')
    await calling
    stage.note('a', 'listeners', String(emitter.listenerCount('abort')))
  }, { settle: aborted, ...RECONNECTS }),
  row('a signal keeps no listener after the end', [[head, answer('ok')]], async (stage) => {
    const emitter = new EventEmitter()
    const { body } = await stage.call('a', 'request', { ...get, signal: emitter })
    stage.watch('a', body)
    await stage.seen('a', 'close')
    stage.note('a', 'listeners', String(emitter.listenerCount('abort')))
  }),
  row('the signal aborts while the request waits behind another', [[head, mark('got head'), wait('aborted'), answer('one')]], async (stage) => {
    const controller = new AbortController()
    const first = stage.call('a', 'request', get)
    const second = stage.call('b', 'request', { ...get, signal: controller.signal })
    await stage.wait('got head')
    controller.abort()
    await stage.passed()
    stage.mark('aborted')
    await (await first).body.dump()
    await second
  }, {
    settle: ['drain'],
    ours: {
      why: 'a request that waits is taken back at once, and no connection ends for it',
      lanes: true,
      patch: (expected) => ({ ...expected, events: expected.events.map((line) => line.replace('InformationalError UND_ERR_INFO "aborted"', 'ClientDestroyedError UND_ERR_DESTROYED "The client is destroyed"')) })
    }
  }),

  row('body.destroy()', [[head, send(LONG), wait('never')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    body.on('error', (err) => stage.note('a', 'error', error(err)))
    body.on('close', () => stage.note('a', 'close'))
    body.destroy()
    stage.note('a', 'destroyed', String(body.destroyed))
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS, ours: ACTORS }),
  row('body.destroy(error)', [[head, send(LONG), wait('never')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    body.on('error', (err) => stage.note('a', 'error', error(err)))
    body.on('close', () => stage.note('a', 'close'))
    body.destroy(new TypeError('mine'))
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS, ours: ACTORS }),
  row('body.destroy() after the end', [[head, answer('ok')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    stage.watch('a', body)
    await stage.seen('a', 'end')
    body.destroy()
    await stage.seen('a', 'close')
  }),
  row('dump() below and above its limit', [[head, answer('hello'), head, answer('x'.repeat(100))]], async (stage) => {
    const first = await stage.call('a', 'request', get)
    await stage.outcome('a', 'dump', first.body.dump({ limit: 100 }), nothing)
    const second = await stage.call('b', 'request', get)
    await stage.outcome('b', 'dump', second.body.dump({ limit: 10 }), nothing)
    stage.note('b', 'is', `destroyed=${second.body.destroyed} errored=${second.body.errored?.name}`)
  }),
  row('dump() with a signal that is aborted', [[head, send(LONG), wait('never')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    body.on('error', () => {})
    await stage.outcome('a', 'dump', body.dump({ signal: AbortSignal.abort(new TypeError('mine')) }))
    stage.note('a', 'destroyed', String(body.destroyed))
  }, { settle: [] }),
  row('dump() with a signal that aborts', [[head, send(LONG), wait('never')]], async (stage) => {
    const controller = new AbortController()
    const { body } = await stage.call('a', 'request', get)
    const promise = body.dump({ signal: controller.signal })
    controller.abort(new TypeError('mine'))
    await stage.outcome('a', 'dump', promise)
  }, { settle: aborted, ...RECONNECTS }),
  row('dump() with what is no signal', [[head, answer('ok')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    await stage.outcome('a', 'dump', body.dump({ signal: 'no' }))
    await body.dump()
  }),
  row('dump() twice', [[head, answer('ok')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    await stage.outcome('a', 'dump', body.dump(), nothing)
    await stage.outcome('a', 'dump', body.dump(), nothing)
  }),

  row('the server ends within the body', [[head, send(LONG), finish]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    await drained(stage, body)
  }, { ours: ACTORS }),
  row('the server ends while text() reads', [[head, send(LONG), wait('reading'), finish]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    const promise = body.text()
    stage.mark('reading')
    await stage.outcome('a', 'text', promise)
  }),
  row('the server resets within the body', [[head, send(LONG), wait('reading'), reset]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    stage.watch('a', body)
    await stage.received('a', 5)
    stage.mark('reading')
    await stage.seen('a', 'close')
  }, { ours: ACTORS }),
  row('bodyTimeout while the body is read', [[head, send(LONG), wait('never')]], async (stage) => {
    const { body } = await stage.call('a', 'request', { ...get, bodyTimeout: 50 })
    await drained(stage, body)
  }, { ours: ACTORS }),
  row('the client is destroyed while the body is read', [[head, send(LONG), wait('never')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    stage.watch('a', body)
    await stage.received('a', 5)
    stage.client.destroy(() => stage.note('destroy', 'done'))
    await stage.seen('a', 'close')
    await stage.seen('destroy', 'done')
  }, { ours: { why: 'the order of the body and the client is nobody\'s promise', lanes: true } }),
  row('the client is closed while the body is read', [[head, send(LONG), wait('closing'), send('world')]], async (stage) => {
    const { body } = await stage.call('a', 'request', get)
    const closing = stage.client.close()
    stage.mark('closing')
    await stage.outcome('a', 'text', body.text())
    await stage.outcome('close', 'settled', closing)
  }),
  row('a request body that fails', [[until('hello'), mark('got hello')]], async (stage) => {
    const source = new Readable({ read () {} })
    source.push('hello')
    const calling = stage.call('a', 'request', { path: '/', method: 'POST', body: source })
    await stage.wait('got hello')
    source.destroy(new TypeError('mine'))
    await calling
  }, { settle: aborted, ...RECONNECTS }),
  row('a request body is destroyed when the request fails', [[until('hello'), finish]], async (stage) => {
    const source = new Readable({ read () {} })
    source.push('hello')
    source.on('error', (err) => stage.note('source', 'error', error(err)))
    source.on('close', () => stage.note('source', 'close'))
    await stage.call('a', 'request', { path: '/', method: 'POST', body: source })
    await stage.seen('source', 'close')
  }, { ours: { why: 'the order of the source and the client is nobody\'s promise', lanes: true } }),
  row('two requests in a row', [[head, take(1), answer('one'), head, answer('two')]], async (stage) => {
    const first = await stage.call('a', 'request', { path: '/1', method: 'POST', body: 'x' })
    await stage.outcome('a', 'text', first.body.text())
    const second = await stage.call('b', 'request', { path: '/2', method: 'GET' })
    await stage.outcome('b', 'text', second.body.text())
  }),

  row('throwOnError with JSON', [[head, send('HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":1}')]], (stage) => stage.call('a', 'request', { ...get, throwOnError: true }), { differs: 'undici 8 dropped throwOnError, which the document promises', prefers: 'undici6' }),
  row('throwOnError with text', [[head, send('HTTP/1.1 500 Oh No\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello')]], (stage) => stage.call('a', 'request', { ...get, throwOnError: true }), { differs: 'undici 8 dropped throwOnError, which the document promises', prefers: 'undici6' }),
  row('throwOnError without a body', [[head, send('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')]], (stage) => stage.call('a', 'request', { ...get, throwOnError: true }), { differs: 'undici 8 dropped throwOnError, which the document promises', prefers: 'undici6' }),
  row('throwOnError with an answer that is no error', [[head, answer('ok')]], async (stage) => {
    const response = await stage.call('a', 'request', { ...get, throwOnError: true })
    await response?.body.dump()
  }, { differs: 'undici 8 dropped throwOnError, which the document promises', prefers: 'undici6' })
]
