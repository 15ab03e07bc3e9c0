'use strict'

// request(), stream(), pipeline(), connect() and upgrade() against undici's, on a dispatcher without a
// network: what their callers are told, in which order.

const { test } = require('node:test')
const assert = require('node:assert')
const { AsyncLocalStorage } = require('node:async_hooks')
const { EventEmitter, getEventListeners } = require('node:events')
const { PassThrough, Readable, Writable } = require('node:stream')
const { ours, reference, trace, respond, pause, quiet, said } = require('./stand-in')

const get = { path: '/', method: 'GET' }
const whole = ['Hel', 'lo', null]
const slow = ['Hel', pause, 'lo', pause, null]
const fail = ({ handler, controller }) => handler.onResponseError(controller, new Error('reset'))

const settle = (promise, log) => promise.then((value) => log('resolved', value ?? `${value}`), (error) => log('rejected', said(error)))
const told = (log) => (error, data) => log('callback', said(error) ?? `${error}`, Object.keys(data ?? {}), data?.opaque ?? '')

// A Writable that logs what it is given.
const sink = (log, options) => new Writable({
  write (chunk, encoding, callback) {
    log('write', `${chunk}`)
    callback()
  },
  ...options
})

const informed = async ({ handler, controller }) => {
  handler.onRequestStart(controller, { history: [] })
  controller.rawHeaders = [Buffer.from('Link'), Buffer.from('a')]
  handler.onResponseStart(controller, 103, { link: 'a' }, 'Early Hints')
  controller.rawHeaders = [Buffer.from('X-A'), Buffer.from('b'), Buffer.from('X-A'), Buffer.from('c')]
  handler.onResponseStart(controller, 200, { 'x-a': ['b', 'c'] }, 'Fine')
  handler.onResponseEnd(controller, { sum: '1' })
}

const tunnel = (statusCode) => ({ handler, controller, options, log }) => {
  const { method, path, upgrade } = options
  log({ method, path, upgrade })
  handler.onRequestStart(controller, null)
  if (!controller.aborted) {
    controller.rawHeaders = [Buffer.from('Upgrade'), Buffer.from('x')]
    handler.onRequestUpgrade(controller, statusCode, { upgrade: 'x' }, new PassThrough())
  }
}

const answered = ({ handler, controller }) => {
  handler.onRequestStart(controller, null)
  try {
    handler.onResponseStart(controller, 200, {}, '')
  } catch (error) {
    controller.abort(error)
  }
}

const refusing = () => { throw new TypeError('refused') }
const failing = ({ handler, controller }) => handler.onResponseError(controller, new Error('connect'))

// The server's part, then the user's.
const scenarios = {
  'request(): what a promise gives': [informed, async ({ dispatcher, log }) => {
    const data = await dispatcher.request({ ...get, opaque: 7, onInfo: (info) => log('info', info) })
    const { body, ...rest } = data
    log(rest)
    log(await body.text(), data.trailers)
  }],
  'request(): raw headers': [informed, async ({ dispatcher, log }) => {
    const { headers, body } = await dispatcher.request({ ...get, responseHeaders: 'raw', onInfo: (info) => log('info', info) })
    log(headers)
    await body.dump()
  }],
  'request(): what a callback gets': [respond(whole), async ({ dispatcher, log }) => {
    log(`${dispatcher.request({ ...get, opaque: 'mine' }, (error, { body, ...rest }) => {
      log(`${error}`, rest)
      body.resume()
    })}`)
  }],
  'request(): a callback that gets an error': [failing, ({ dispatcher, log }) => dispatcher.request({ ...get, opaque: 'mine' }, told(log))],
  'request(): a promise that gets an error': [failing, ({ dispatcher, log }) => settle(dispatcher.request(get), log)],
  'request(): a dispatch that throws': [refusing, async ({ dispatcher, log }) => {
    dispatcher.request({ ...get, opaque: 'mine' }, told(log))
    await settle(dispatcher.request(get), log)
  }],
  'request(): options that are none': [refusing, async ({ dispatcher, log }) => {
    await settle(dispatcher.request(null), log)
    await settle(dispatcher.request(1), log)
    dispatcher.request(null, told(log))
    for (const callback of [null, 1]) {
      try {
        dispatcher.request(get, callback)
      } catch (error) {
        log(said(error))
      }
    }
  }],
  'request(): options that are wrong': [refusing, async ({ dispatcher, log }) => {
    for (const wrong of [{ signal: {} }, { signal: 1 }, { method: 'CONNECT' }, { onInfo: 1 }, { highWaterMark: -1 },
      { highWaterMark: 'a' }, { highWaterMark: NaN }]) {
      const body = new PassThrough()
      await settle(dispatcher.request({ ...get, body, ...wrong }), log)
      log(body.destroyed, said(body.errored))
    }
  }],
  'request(): an error destroys the body that was to be sent': [failing, async ({ dispatcher, log }) => {
    const body = new PassThrough()
    await settle(dispatcher.request({ ...get, body }), log)
    log(body.destroyed, said(body.errored))
  }],
  'request(): a signal that aborted before': [respond(whole), async ({ dispatcher, log }) => {
    await settle(dispatcher.request({ ...get, signal: AbortSignal.abort() }), log)
    await settle(dispatcher.request({ ...get, signal: AbortSignal.abort(new Error('mine')) }), log)
  }],
  'request(): a signal that aborts before the head': [
    async ({ handler, controller }) => {
      handler.onRequestStart(controller, null)
      await pause()
    },
    async ({ dispatcher, log }) => {
      const controller = new AbortController()
      const emitter = new EventEmitter()
      const requests = [
        settle(dispatcher.request({ ...get, signal: controller.signal }), log),
        settle(dispatcher.request({ ...get, signal: emitter }), log)
      ]
      controller.abort(new Error('mine'))
      emitter.emit('abort')
      await Promise.all(requests)
      log(getEventListeners(controller.signal, 'abort').length, emitter.listenerCount('abort'))
    }
  ],
  'request(): a signal that aborts during the body': [respond(slow), async ({ dispatcher, log }) => {
    const controller = new AbortController()
    const { body } = await dispatcher.request({ ...get, signal: controller.signal })
    const text = settle(body.text(), log)
    controller.abort(new Error('mine'))
    await text
    log(said(body.errored), getEventListeners(controller.signal, 'abort').length)
  }],
  'request(): a signal that aborts after the body': [respond(whole), async ({ dispatcher, log }) => {
    const controller = new AbortController()
    const { body } = await dispatcher.request({ ...get, signal: controller.signal })
    log(await body.text())
    await quiet()
    log(getEventListeners(controller.signal, 'abort').length)
    controller.abort(new Error('mine'))
    log(said(body.errored))
  }],
  'request(): an EventEmitter is left alone when all is over': [respond(whole), async ({ dispatcher, log }) => {
    const signal = new EventEmitter()
    const { body } = await dispatcher.request({ ...get, signal })
    log(await body.text())
    await quiet()
    log(signal.listenerCount('abort'))
  }],
  'request(): the connection breaks during the body': [respond(['Hel', pause, fail]), async ({ dispatcher, log }) => {
    const { body } = await dispatcher.request(get)
    body.on('data', (chunk) => log(`${chunk}`)).on('error', (error) => log(said(error))).on('close', () => log('close'))
  }],
  'request(): HEAD with a content-length': [respond([null], { headers: { 'content-length': '5' } }), async ({ dispatcher, log }) => {
    const { body } = await dispatcher.request({ path: '/', method: 'HEAD' })
    await settle(body.dump({ limit: 1 }), log)
  }],
  'request(): a content-length beyond the limit of dump()': [respond(whole, { headers: { 'content-length': '5' } }), async ({ dispatcher, log }) => {
    const { body } = await dispatcher.request(get)
    await settle(body.dump({ limit: 1 }), log)
  }],
  'request(): trailers': [respond(whole, { trailers: { sum: '1', toString: '2' } }), async ({ dispatcher, log }) => {
    const { body, trailers } = await dispatcher.request(get)
    body.on('end', () => log(trailers)).resume()
  }],

  'stream(): what a promise gives': [informed, async ({ dispatcher, log }) => {
    const given = await dispatcher.stream({ ...get, opaque: 7, onInfo: (info) => log('info', info) }, (data) => {
      log(data)
      return sink(log)
    })
    log(given)
  }],
  'stream(): raw headers': [informed, async ({ dispatcher, log }) => {
    await dispatcher.stream({ ...get, responseHeaders: 'raw' }, ({ headers }) => {
      log(headers)
      return sink(log)
    })
  }],
  'stream(): chunks': [respond(slow), async ({ dispatcher, log }) => {
    await dispatcher.stream(get, () => sink(log))
    log('done')
  }],
  'stream(): a sink that is full': [respond(['a', 'b', pause, 'c', null]), async ({ dispatcher, log }) => {
    await dispatcher.stream(get, () => sink(log, { highWaterMark: 1, write: (chunk, encoding, done) => setImmediate(done) }))
    log('done')
  }],
  'stream(): a sink that is full already': [respond(whole), async ({ dispatcher, log }) => {
    await dispatcher.stream(get, () => {
      const full = new PassThrough({ highWaterMark: 1 }).on('finish', () => log('finish'))
      full.write('>')
      full.resume()
      return full
    })
  }],
  'stream(): a factory that returns no Writable': [respond(whole), async ({ dispatcher, log }) => {
    for (const wrong of [null, {}, 1, new Readable({ read () {} })]) {
      await settle(dispatcher.stream(get, () => wrong), log)
    }
  }],
  'stream(): a factory that throws': [respond(whole), async ({ dispatcher, log }) => {
    await settle(dispatcher.stream(get, () => { throw new Error('mine') }), log)
  }],
  'stream(): a sink that fails': [respond(slow), async ({ dispatcher, log }) => {
    await settle(dispatcher.stream(get, () => sink(log, { write: (chunk, encoding, done) => done(new Error('disk')) })), log)
  }],
  'stream(): a sink that is destroyed': [respond(slow), async ({ dispatcher, log }) => {
    await settle(dispatcher.stream(get, () => {
      const gone = sink(log)
      setImmediate(() => gone.destroy())
      return gone
    }), log)
  }],
  'stream(): a sink that is still read from': [respond(whole), async ({ dispatcher, log }) => {
    const through = new PassThrough()
    await dispatcher.stream(get, () => through)
    log(through.destroyed, await through.setEncoding('utf8').toArray())
  }],
  'stream(): the connection breaks': [respond(['Hel', pause, fail]), async ({ dispatcher, log }) => {
    const writable = sink(log).on('error', (error) => log('error', said(error))).on('close', () => log('close'))
    await settle(dispatcher.stream(get, () => writable), log)
  }],
  'stream(): an error before the head': [failing, async ({ dispatcher, log }) => {
    const body = new PassThrough().on('error', (error) => log('body', said(error)))
    await settle(dispatcher.stream({ ...get, body }, () => sink(log)), log)
    dispatcher.stream({ ...get, opaque: 'mine' }, () => sink(log), told(log))
  }],
  'stream(): options that are wrong': [refusing, async ({ dispatcher, log }) => {
    await settle(dispatcher.stream(null, () => {}), log)
    await settle(dispatcher.stream(get, null), log)
    for (const wrong of [{ signal: {} }, { method: 'CONNECT' }, { onInfo: 1 }, {}]) {
      await settle(dispatcher.stream({ ...get, ...wrong }, () => {}), log)
    }
    try {
      dispatcher.stream(get, () => {}, 1)
    } catch (error) {
      log(said(error))
    }
  }],
  'stream(): a signal': [respond(slow), async ({ dispatcher, log }) => {
    const controller = new AbortController()
    const result = settle(dispatcher.stream({ ...get, signal: controller.signal }, () => sink(log).on('error', (error) => log(said(error)))), log)
    await null
    setImmediate(() => controller.abort(new Error('mine')))
    await result
    log(getEventListeners(controller.signal, 'abort').length)
  }],

  'pipeline(): an echo': [
    async ({ handler, controller, options, log }) => {
      handler.onRequestStart(controller, null)
      handler.onResponseStart(controller, 200, { a: 'b' }, 'OK')
      for await (const chunk of options.body) {
        handler.onResponseData(controller, chunk)
      }
      handler.onResponseEnd(controller, {})
    },
    async ({ dispatcher, log }) => {
      const duplex = dispatcher.pipeline({ ...get, opaque: 7 }, ({ body, ...rest }) => {
        log(rest)
        return body.pipe(new PassThrough())
      })
      duplex.write('a')
      duplex.end('b')
      log(await duplex.setEncoding('utf8').toArray())
    }
  ],
  'pipeline(): objects': [respond(['a', null]), async ({ dispatcher, log }) => {
    const duplex = dispatcher.pipeline({ ...get, objectMode: true }, ({ body }) => body.map((chunk) => ({ chunk: `${chunk}` })))
    duplex.end()
    log(await duplex.toArray())
  }],
  'pipeline(): information and raw headers': [informed, async ({ dispatcher, log }) => {
    const duplex = dispatcher.pipeline({ ...get, responseHeaders: 'raw', onInfo: (info) => log(info) }, ({ headers, body }) => {
      log(headers)
      return body
    })
    duplex.end()
    log(await duplex.toArray())
  }],
  'pipeline(): options that are wrong': [refusing, async ({ dispatcher, log }) => {
    for (const call of [() => dispatcher.pipeline(null, () => {}), () => dispatcher.pipeline(get, null),
      () => dispatcher.pipeline({ ...get, signal: {} }, () => {}), () => dispatcher.pipeline({ ...get, method: 'CONNECT' }, () => {}),
      () => dispatcher.pipeline({ ...get, onInfo: 1 }, () => {}), () => dispatcher.pipeline(get, () => {})]) {
      call().on('error', (error) => log(said(error)))
    }
  }],
  'pipeline(): a handler that throws': [respond(whole), ({ dispatcher, log }) => {
    dispatcher.pipeline(get, () => { throw new Error('mine') }).on('error', (error) => log(said(error))).end()
  }],
  'pipeline(): a result that fails': [respond(slow), ({ dispatcher, log }) => {
    dispatcher.pipeline(get, ({ body }) => body.destroy(new Error('mine'))).on('error', (error) => log(said(error))).end()
  }],
  'pipeline(): the connection breaks': [respond(['Hel', pause, fail]), ({ dispatcher, log }) => {
    dispatcher.pipeline(get, ({ body }) => body).on('data', (chunk) => log(`${chunk}`))
      .on('error', (error) => log(said(error))).on('close', () => log('close')).end()
  }],
  'pipeline(): a signal': [respond(slow), ({ dispatcher, log }) => {
    const controller = new AbortController()
    dispatcher.pipeline({ ...get, signal: controller.signal }, ({ body }) => body)
      .on('data', () => controller.abort(new Error('mine'))).on('error', (error) => log(said(error))).end()
  }],
  'pipeline(): more is written than is taken': [
    async ({ handler, controller, options }) => {
      handler.onRequestStart(controller, null)
      let length = 0
      for await (const chunk of options.body) {
        length += chunk.length
      }
      handler.onResponseStart(controller, 200, {}, 'OK')
      handler.onResponseData(controller, Buffer.from(`${length}`))
      handler.onResponseEnd(controller, {})
    },
    async ({ dispatcher, log }) => {
      const duplex = dispatcher.pipeline(get, ({ body }) => body)
      for (let i = 0; i < 10; i++) {
        log(duplex.write('x'.repeat(10000)))
      }
      duplex.end()
      log(await duplex.setEncoding('utf8').toArray())
    }
  ],

  'connect(): what a promise gives': [tunnel(200), async ({ dispatcher, log }) => {
    const { socket, ...rest } = await dispatcher.connect({ path: 'a:1', opaque: 7 })
    log(rest, socket.constructor.name)
    log((await dispatcher.connect({ path: 'a:1', responseHeaders: 'raw' })).headers)
  }],
  'connect(): what a callback gets': [tunnel(200), ({ dispatcher, log }) => dispatcher.connect({ path: 'a:1' }, told(log))],
  'connect(): a response': [answered, ({ dispatcher, log }) => settle(dispatcher.connect({ path: 'a:1' }), log)],
  'connect(): options that are wrong': [refusing, async ({ dispatcher, log }) => {
    await settle(dispatcher.connect(null), log)
    await settle(dispatcher.connect({ path: 'a', signal: 1 }), log)
    await settle(dispatcher.connect({ path: 'a' }), log)
    dispatcher.connect({ path: 'a', opaque: 'mine' }, told(log))
    try {
      dispatcher.connect({ path: 'a' }, 1)
    } catch (error) {
      log(said(error))
    }
  }],
  'connect(): a signal': [tunnel(200), async ({ dispatcher, log }) => {
    const { signal } = new AbortController()
    await dispatcher.connect({ path: 'a', signal })
    log(getEventListeners(signal, 'abort').length)
  }],
  'connect(): an error': [failing, ({ dispatcher, log }) => settle(dispatcher.connect({ path: 'a' }), log)],

  'upgrade(): what a promise gives': [tunnel(101), async ({ dispatcher, log }) => {
    const { socket, ...rest } = await dispatcher.upgrade({ path: '/', opaque: 7 })
    log(rest, socket.constructor.name)
    log((await dispatcher.upgrade({ path: '/', method: 'POST', protocol: 'x', responseHeaders: 'raw' })).headers)
  }],
  'upgrade(): what a callback gets': [tunnel(101), ({ dispatcher, log }) => dispatcher.upgrade({ path: '/' }, told(log))],
  'upgrade(): another status': [tunnel(200), ({ dispatcher, log }) => settle(dispatcher.upgrade({ path: '/' }), log)],
  'upgrade(): a response': [answered, ({ dispatcher, log }) => settle(dispatcher.upgrade({ path: '/' }), log)],
  'upgrade(): options that are wrong': [refusing, async ({ dispatcher, log }) => {
    await settle(dispatcher.upgrade(null), log)
    await settle(dispatcher.upgrade({ path: '/', signal: 1 }), log)
    dispatcher.upgrade({ path: '/', opaque: 'mine' }, told(log))
    try {
      dispatcher.upgrade({ path: '/' }, 1)
    } catch (error) {
      log(said(error))
    }
  }],
  'upgrade(): an error': [failing, ({ dispatcher, log }) => settle(dispatcher.upgrade({ path: '/' }), log)]
}

for (const [name, [script, scenario]] of Object.entries(scenarios)) {
  test(`${name}: as undici`, async () => {
    assert.deepStrictEqual(await trace(ours, script, scenario), await trace(reference, script, scenario))
  })
}

// --- What undici has not, or has no more.

test('a request that waits for its turn fails when its signal aborts', async () => {
  const waiting = ({ handler }) => {
    handler.onDispatched({ abort: (reason) => handler.onResponseError(null, reason) })
  }
  for (const start of [
    (dispatcher, signal) => dispatcher.request({ ...get, signal }),
    (dispatcher, signal) => dispatcher.stream({ ...get, signal }, () => new PassThrough()),
    (dispatcher, signal) => dispatcher.connect({ path: 'a:1', signal }),
    (dispatcher, signal) => dispatcher.upgrade({ path: '/', signal })
  ]) {
    const lines = await trace(ours, waiting, async ({ dispatcher, log }) => {
      const controller = new AbortController()
      const emitter = new EventEmitter()
      const all = [
        settle(start(dispatcher, AbortSignal.abort(new Error('before'))), log),
        settle(start(dispatcher, controller.signal), log),
        settle(start(dispatcher, emitter), log)
      ]
      await quiet()
      controller.abort(new Error('while waiting'))
      emitter.emit('abort')
      await Promise.all(all)
    })
    assert.deepStrictEqual(lines, ['rejected Error: before', 'rejected Error: while waiting', 'rejected AbortError: Request aborted'])
  }
})

test('a signal that aborted before gives its reason in every call', async () => {
  const signal = AbortSignal.abort(new Error('before'))
  for (const start of [
    (dispatcher) => dispatcher.request({ ...get, signal }),
    (dispatcher) => dispatcher.stream({ ...get, signal }, () => new PassThrough()),
    (dispatcher) => dispatcher.pipeline({ ...get, signal }, ({ body }) => body).end().toArray(),
    (dispatcher) => dispatcher.connect({ path: 'a:1', signal }),
    (dispatcher) => dispatcher.upgrade({ path: '/', signal })
  ]) {
    const lines = await trace(ours, respond(whole), ({ dispatcher, log }) => settle(start(dispatcher), log))
    assert.deepStrictEqual(lines, ['abort Error: before', 'rejected Error: before'])
  }
})

test('pipeline(): what a handler does wrong is told by the Duplex alone', async () => {
  for (const [handler, expected] of [
    [() => 1, 'InvalidReturnValueError: expected Readable'],
    [() => new PassThrough().destroy(), 'AbortError: Request aborted']
  ]) {
    const lines = await trace(ours, respond(slow), ({ dispatcher, log }) => {
      dispatcher.pipeline(get, handler).on('error', (error) => log(said(error))).end()
    })
    assert.strictEqual(lines.at(-1), expected)
  }
})

test('hundreds of requests on one signal raise no warning', async () => {
  const warnings = []
  const warn = (warning) => warnings.push(warning.name)
  process.on('warning', warn)
  await trace(ours, ({ handler, controller }) => handler.onRequestStart(controller, null), async ({ dispatcher }) => {
    const controller = new AbortController()
    const all = Array.from({ length: 300 }, () => assert.rejects(dispatcher.request({ ...get, signal: controller.signal })))
    assert.strictEqual(getEventListeners(controller.signal, 'abort').length, 1)
    controller.abort()
    await Promise.all(all)
  })
  process.off('warning', warn)
  assert.deepStrictEqual(warnings, [])
})

const reasons = {
  'JSON is parsed': ['application/json; charset=utf-8', '{"a":1}', { a: 1 }],
  'text is decoded': ['text/plain', 'gone', 'gone'],
  'JSON that is none is left out': ['application/json', '{', undefined],
  'other content is left out': ['image/png', 'x', undefined],
  'content without a type is left out': [undefined, 'x', undefined],
  'content of more than 128 KiB is left out': ['text/plain', 'x'.repeat(128 * 1024 + 1), undefined]
}

for (const [name, [type, content, body]] of Object.entries(reasons)) {
  test(`throwOnError: ${name}`, async () => {
    const headers = type === undefined ? {} : { 'content-type': type }
    const script = respond([content, pause, null], { statusCode: 404, statusText: 'Not Found', headers })
    for (const start of [
      (dispatcher) => dispatcher.request({ ...get, throwOnError: true }),
      (dispatcher) => dispatcher.stream({ ...get, throwOnError: true }, () => assert.fail('no stream is wanted'))
    ]) {
      await trace(ours, script, async ({ dispatcher }) => {
        await assert.rejects(start(dispatcher), {
          name: 'ResponseStatusCodeError',
          message: 'Response status code 404: Not Found',
          code: 'UND_ERR_RESPONSE_STATUS_CODE',
          status: 404,
          statusCode: 404,
          headers,
          body
        })
      })
    }
  })
}

test('throwOnError: the status is told even when the connection breaks in the body', async () => {
  await trace(ours, respond(['a', pause, fail], { statusCode: 500, statusText: '', headers: { 'content-type': 'text/plain' } }),
    async ({ dispatcher }) => {
      await assert.rejects(dispatcher.request({ ...get, throwOnError: true }), { message: 'Response status code 500', body: undefined })
    })
})

test('throwOnError: a status below 400 is no error', async () => {
  await trace(ours, respond(whole, { statusCode: 399 }), async ({ dispatcher }) => {
    const { body } = await dispatcher.request({ ...get, throwOnError: true })
    assert.strictEqual(await body.text(), 'Hello')
  })
})

test('callbacks run in the context of the caller', async () => {
  const context = new AsyncLocalStorage()
  const seen = []
  const see = (name) => seen.push(`${name} ${context.getStore()}`)
  const calls = {
    request: (dispatcher) => dispatcher.request({ ...get, onInfo: () => see('info') }, (error, { body }) => {
      see(`callback ${error}`)
      body.on('end', () => see('end')).resume()
    }),
    stream: (dispatcher) => dispatcher.stream(get, () => {
      see('factory')
      return new Writable({ write: (chunk, encoding, done) => done() })
    }, (error) => see(`callback ${error}`)),
    pipeline: (dispatcher) => dispatcher.pipeline(get, ({ body }) => {
      see('handler')
      return body
    }).on('end', () => see('end')).resume().end()
  }
  for (const start of Object.values(calls)) {
    // The network is in no context, as a socket that was opened for another request.
    const script = (part) => context.run('network', () => informed(part))
    await trace(ours, script, ({ dispatcher }) => context.run('caller', () => { start(dispatcher) }))
  }
  assert.deepStrictEqual(seen, [
    'info caller', 'callback null caller', 'end caller', 'factory caller', 'callback null caller', 'handler caller', 'end caller'
  ])
})

test('a callback that throws destroys its body and reaches the program', async () => {
  const mine = new Error('mine')
  const uncaught = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve))
  let response
  await trace(ours, respond(slow), async ({ dispatcher }) => {
    dispatcher.request(get, (error, { body }) => {
      response = body
      throw error ?? mine
    })
    assert.strictEqual(await uncaught, mine)
  })
  process.setUncaughtExceptionCaptureCallback(null)
  assert.ok(response.destroyed)
})

test('the calls are installed on a dispatcher class', () => {
  class Custom {}
  ours.install(Custom)
  for (const name of ['request', 'stream', 'pipeline', 'connect', 'upgrade']) {
    assert.strictEqual(Custom.prototype[name], ours[name])
  }
})
