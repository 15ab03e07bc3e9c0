'use strict'

// client.stream() and client.pipeline(): responses that go into a Writable, and duplexes over a request.

const { PassThrough, Readable, Writable, Transform, pipeline } = require('node:stream')
const { EventEmitter } = require('node:events')
const { head, until, answer, send, finish, wait, mark } = require('../server.js')
const { error, show, text } = require('../trace.js')

const get = { path: '/', method: 'GET' }
const LONG = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'
const ACTORS = { why: 'the order of the call and the connection behind it is nobody\'s promise', lanes: true }
const aborted = ['disconnect', 'drain']
const RECONNECTS = { differs: 'undici 6 opens a connection that nobody needs after an abort' }
const row = (name, server, run, more) => ({ name: `stream: ${name}`, api: true, server, run, ...more })
const duplex = (name, server, run, more) => ({ name: `pipeline: ${name}`, api: true, server, run, ...more })

/** A Writable that records what it gets and what becomes of it. */
function sink (stage, { fail, options } = {}) {
  const writable = new Writable({
    write (chunk, _encoding, callback) {
      stage.note('sink', 'write', JSON.stringify(text(chunk)))
      callback(fail)
    },
    ...options
  })
  for (const event of ['finish', 'close']) writable.on(event, () => stage.note('sink', event))
  writable.on('error', (err) => stage.note('sink', 'error', error(err)))
  return writable
}

const drainEcho = [head, until('hello'), send('HTTP/1.1 200 OK\r\nx-a: 1\r\ncontent-length: 5\r\n\r\nHELLO'), until('0\r\n\r\n')]

module.exports = [
  row('into a Writable', [[head, answer('hello', 'x-a: 1')]], (stage) =>
    stage.call('a', 'stream', { ...get, opaque: 'mine' }, (data) => { stage.note('a', 'factory', stage.describe(data)); return sink(stage) })),
  row('tells opaque and trailers, and no more', [[head, answer('hello')]], async (stage) => {
    const result = await stage.use('stream', get, () => new PassThrough().resume())
    stage.note('a', 'result', show(result))
  }),
  row('with trailers', [[head, send('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n')]], (stage) =>
    stage.call('a', 'stream', get, () => sink(stage))),
  row('with raw headers and onInfo', [[head, send('HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'), answer('hello', 'X-A: 1')]], (stage) =>
    stage.call('a', 'stream', { ...get, responseHeaders: 'raw', onInfo: (info) => stage.note('a', 'info', show(info)) }, (data) => { stage.note('a', 'factory', stage.describe(data)); return sink(stage) })),
  row('with a callback', [[head, answer('hello')]], async (stage) => {
    const returned = stage.use('stream', { ...get, opaque: 'mine' }, () => sink(stage), (err, data) => stage.note('a', 'called back', `${show(err)} ${stage.describe(data)}`))
    stage.note('a', 'returned', show(returned))
    await stage.seen('a', 'called back')
  }, { differs: 'undici 6 waits for the Writable to close' }),
  row('an empty body', [[head, answer()]], (stage) => stage.call('a', 'stream', get, () => sink(stage))),
  row('HEAD', [[head, send('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')]], (stage) => stage.call('a', 'stream', { ...get, method: 'HEAD' }, () => sink(stage)), { ours: ACTORS }),
  row('into a slow Writable', [[head, answer('x'.repeat(300_000))]], async (stage) => {
    let received = 0
    await stage.call('a', 'stream', get, () => new Writable({
      highWaterMark: 1000,
      write (chunk, _encoding, callback) {
        received += chunk.length
        setImmediate(callback)
      }
    }))
    stage.note('a', 'received', String(received))
  }),
  row('the factory throws', [[head, send(LONG), wait('never')]], (stage) => stage.call('a', 'stream', get, () => { throw new TypeError('mine') }), { settle: aborted, ...RECONNECTS }),
  row('the factory returns what is no Writable', [[head, send(LONG), wait('never')]], (stage) => stage.call('a', 'stream', get, () => ({})), { settle: aborted, ...RECONNECTS }),
  row('the Writable fails', [[head, send(LONG), wait('never')]], (stage) => stage.call('a', 'stream', get, () => sink(stage, { fail: new TypeError('mine') })), { settle: aborted, ...RECONNECTS }),
  row('the Writable is destroyed', [[head, send(LONG), wait('never')]], async (stage) => {
    let writable
    const calling = stage.call('a', 'stream', get, () => { writable = sink(stage); return writable })
    await stage.seen('sink', 'write')
    writable.destroy()
    await calling
  }, { settle: aborted, ...RECONNECTS }),
  row('the server ends within the body', [[head, send(LONG), wait('seen'), finish]], async (stage) => {
    const calling = stage.call('a', 'stream', get, () => sink(stage))
    await stage.seen('sink', 'write')
    stage.mark('seen')
    await calling
  }, { ours: ACTORS }),
  row('the server ends instead of an answer', [[head, finish]], (stage) => stage.call('a', 'stream', get, () => sink(stage)), { ours: ACTORS }),
  row('the signal aborts within the body', [[head, send(LONG), wait('never')]], async (stage) => {
    const controller = new AbortController()
    const calling = stage.call('a', 'stream', { ...get, signal: controller.signal }, () => sink(stage))
    await stage.seen('sink', 'write')
    controller.abort(new TypeError('mine'))
    await calling
  }, { settle: aborted, ...RECONNECTS }),
  row('an EventEmitter aborts before the answer', [[head, mark('got head'), wait('never')]], async (stage) => {
    const emitter = new EventEmitter()
    const calling = stage.call('a', 'stream', { ...get, signal: emitter }, () => sink(stage))
    await stage.wait('got head')
    emitter.emit('abort')
    await calling
  }, { settle: aborted, ...RECONNECTS }),
  row('throwOnError', [[head, send('HTTP/1.1 500 Oh No\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello')]], (stage) => stage.call('a', 'stream', { ...get, throwOnError: true }, () => sink(stage)), { differs: 'undici 8 dropped throwOnError, which the document promises', prefers: 'undici6' }),

  duplex('echo', [drainEcho], async (stage) => {
    const stream = stage.use('pipeline', { path: '/', method: 'PUT', opaque: 'mine' }, (data) => {
      stage.note('a', 'handler', stage.describe(data))
      return data.body
    })
    stage.watch('a', stream)
    stream.end('hello')
    await stage.seen('a', 'close')
  }),
  duplex('in stream.pipeline with a transformation', [[head, until('lo'), answer('hello')]], async (stage) => {
    let read = ''
    await new Promise((resolve) => pipeline(
      Readable.from(['hel', 'lo']),
      stage.use('pipeline', { path: '/', method: 'GET' }, ({ body }) => pipeline(body, new Transform({
        transform (chunk, _encoding, callback) { callback(null, chunk.toString().toUpperCase()) }
      }), () => {})),
      new Writable({ write (chunk, _encoding, callback) { read += chunk; callback() } }),
      (err) => { stage.note('a', 'finished', `${err ? error(err) : 'well'} ${read}`); resolve() }
    ))
  }, { settle: ['disconnect', 'drain'], ours: { ...ACTORS, why: 'whether the length of the source is known by then is a matter of timing', except: ['wire'] } }),
  duplex('with objectMode', [[head, answer('a,b')]], async (stage) => {
    const stream = stage.use('pipeline', { ...get, objectMode: true }, ({ body }) => body.pipe(new Transform({
      readableObjectMode: true,
      transform (chunk, _encoding, callback) {
        for (const name of chunk.toString().split(',')) this.push({ name })
        callback()
      }
    })))
    stream.on('data', (object) => stage.note('a', 'object', show(object)))
    stream.on('end', () => stage.note('a', 'end'))
    stream.on('close', () => stage.note('a', 'close'))
    stream.end()
    await stage.seen('a', 'close')
  }),
  duplex('with onInfo and raw headers', [[head, send('HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'), answer('ok', 'X-A: 1')]], async (stage) => {
    const stream = stage.use('pipeline', { ...get, responseHeaders: 'raw', onInfo: (info) => stage.note('a', 'info', show(info)) }, (data) => {
      stage.note('a', 'handler', stage.describe(data))
      return data.body
    })
    stage.watch('a', stream)
    stream.end()
    await stage.seen('a', 'close')
  }),
  duplex('the handler throws', [[head, send(LONG), wait('never')]], async (stage) => {
    const stream = stage.use('pipeline', get, () => { throw new TypeError('mine') })
    stage.watch('a', stream)
    stream.end()
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS }),
  duplex('the handler returns what is no Readable', [[head, send(LONG), wait('never')]], async (stage) => {
    const stream = stage.use('pipeline', get, ({ body }) => { body.on('error', () => {}); return null })
    stage.watch('a', stream)
    stream.end()
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS }),
  duplex('the stream of the handler fails', [[head, send(LONG), wait('never')]], async (stage) => {
    const stream = stage.use('pipeline', get, ({ body }) => {
      const through = new PassThrough()
      body.on('data', () => through.destroy(new TypeError('mine')))
      body.on('error', () => {})
      return through
    })
    stage.watch('a', stream)
    stream.end()
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS }),
  duplex('the duplex is destroyed before the answer', [[head, mark('got head'), wait('never')]], async (stage) => {
    const stream = stage.use('pipeline', { path: '/', method: 'PUT' }, ({ body }) => body)
    stage.watch('a', stream)
    stream.write('hello')
    await stage.wait('got head')
    stream.destroy()
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS }),
  duplex('the duplex is destroyed within the body', [[head, send(LONG), wait('never')]], async (stage) => {
    const stream = stage.use('pipeline', get, ({ body }) => body)
    stage.watch('a', stream)
    stream.end()
    await stage.received('a', 5)
    stream.destroy(new TypeError('mine'))
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS }),
  duplex('the server ends within the body', [[head, send(LONG), wait('seen'), finish]], async (stage) => {
    const stream = stage.use('pipeline', get, ({ body }) => body)
    stage.watch('a', stream)
    stream.end()
    await stage.received('a', 5)
    stage.mark('seen')
    await stage.seen('a', 'close')
  }, { ours: ACTORS }),
  duplex('the signal aborts', [[head, mark('got head'), wait('never')]], async (stage) => {
    const controller = new AbortController()
    const stream = stage.use('pipeline', { ...get, signal: controller.signal }, ({ body }) => body)
    stage.watch('a', stream)
    stream.end()
    await stage.wait('got head')
    controller.abort(new TypeError('mine'))
    await stage.seen('a', 'close')
  }, { settle: aborted, ...RECONNECTS }),
  duplex('wrong arguments', [], async (stage) => {
    for (const [lane, args] of Object.entries({ a: [null, () => {}], b: [get, null], c: [{ ...get, method: 'CONNECT' }, () => {}], d: [{ ...get, signal: 'no' }, () => {}], e: [{ ...get, onInfo: 'no' }, () => {}] })) {
      const stream = stage.use('pipeline', ...args)
      stage.note(lane, 'is', stream.constructor.name)
      stage.watch(lane, stream)
      await stage.seen(lane, 'close')
    }
  }, { settle: [] })
]
