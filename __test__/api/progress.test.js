'use strict'

// onUploadProgress and onDownloadProgress of the calls.

const assert = require('node:assert')
const { AsyncLocalStorage } = require('node:async_hooks')
const { EventEmitter, once } = require('node:events')
const { PassThrough, Readable } = require('node:stream')
const { describe, test } = require('node:test')
const { gzipSync } = require('node:zlib')
const { serve, keep } = require('../handler/server.js')
const { RequestHandler } = require('../../lib/api/request.js')
const { Agent, Client, MockAgent, interceptors, request } = require('../../index.js')

const MEBI = 1024 * 1024

const echo = (request, response) => request.pipe(response)
const count = (request, response) => {
  let octets = 0
  request.on('data', (chunk) => { octets += chunk.length }).on('end', () => response.end(String(octets)))
}

/** A call by its name that reads all of the response. */
const calls = {
  async request (dispatcher, options) {
    const { body } = await dispatcher.request(options)
    return Buffer.from(await body.arrayBuffer())
  },
  async stream (dispatcher, options) {
    const chunks = []
    const sink = new PassThrough().on('data', (chunk) => chunks.push(chunk))
    await dispatcher.stream(options, () => sink)
    return Buffer.concat(chunks)
  }
}

/** Keeps what it is told. */
function told () {
  const events = []
  const callback = (progress) => events.push(progress)
  return Object.assign(callback, { events })
}

const isRising = (events) => events.every(({ loaded }, index) => index === 0 || loaded > events[index - 1].loaded)

for (const [name, call] of Object.entries(calls)) {
  describe(`${name}()`, () => {
    test('a body that goes at once is told of once', async (context) => {
      const client = keep(context, new Client(await serve(context, count)))
      for (const body of ['è', Buffer.alloc(100), new Uint16Array(50).buffer, new URLSearchParams({ a: 'b' })]) {
        const onUploadProgress = told()
        const octets = Number(await call(client, { path: '/', method: 'POST', body, onUploadProgress }))
        assert.deepStrictEqual(onUploadProgress.events, [{ loaded: octets, total: octets }])
      }
    })

    test('a large one is told of piece by piece', async (context) => {
      const client = keep(context, new Client(await serve(context, count)))
      const onUploadProgress = told()
      const total = 4 * MEBI + 1
      assert.strictEqual(Number(await call(client, { path: '/', method: 'PUT', body: Buffer.alloc(total), onUploadProgress })), total)
      const { events } = onUploadProgress
      assert.ok(events.length > 4, `${events.length} events`)
      assert.ok(isRising(events))
      assert.deepStrictEqual(events.at(-1), { loaded: total, total })
    })

    test('of a stream the octets count, whatever its chunks are, and its length is not known', async (context) => {
      const client = keep(context, new Client(await serve(context, count)))
      const onUploadProgress = told()
      await call(client, { path: '/', method: 'POST', body: Readable.from(['è', Buffer.alloc(3)]), onUploadProgress })
      assert.deepStrictEqual(onUploadProgress.events, [{ loaded: 2, total: null }, { loaded: 5, total: null }])
    })

    for (const [form, headers] of Object.entries({
      'an object': { 'Content-Length': '5' },
      'a flat list': ['content-length', '5'],
      'a Map': new Map([['content-length', '5']])
    })) {
      test(`unless the request says it, in ${form}`, async (context) => {
        const client = keep(context, new Client(await serve(context, count)))
        const onUploadProgress = told()
        await call(client, { path: '/', method: 'POST', headers, body: Readable.from([Buffer.alloc(2), Buffer.alloc(3)]), onUploadProgress })
        assert.deepStrictEqual(onUploadProgress.events, [{ loaded: 2, total: 5 }, { loaded: 5, total: 5 }])
      })
    }

    test('of a Blob and a form the length is known', async (context) => {
      const client = keep(context, new Client(await serve(context, count)))
      const form = new FormData()
      form.set('a', 'b')
      form.set('file', new Blob(['c']), 'name')
      for (const body of [new Blob(['è', 'a']), form]) {
        const onUploadProgress = told()
        const octets = Number(await call(client, { path: '/', method: 'POST', body, onUploadProgress }))
        assert.deepStrictEqual(onUploadProgress.events.at(-1), { loaded: octets, total: octets })
      }
    })

    test('without a body nothing is told', async (context) => {
      const client = keep(context, new Client(await serve(context, (request, response) => response.end())))
      const progress = told()
      for (const method of ['GET', 'HEAD', 'POST']) {
        await call(client, { path: '/', method, onUploadProgress: progress, onDownloadProgress: progress })
      }
      assert.deepStrictEqual(progress.events, [])
    })

    test('a response tells how much of it has come', async (context) => {
      const client = keep(context, new Client(await serve(context, (request, response) => {
        response.setHeader('content-length', 8)
        response.write('1234')
        setImmediate(() => response.end('5678'))
      })))
      const onDownloadProgress = told()
      assert.strictEqual(String(await call(client, { path: '/', method: 'GET', onDownloadProgress })), '12345678')
      assert.ok(isRising(onDownloadProgress.events))
      assert.deepStrictEqual(onDownloadProgress.events.at(-1), { loaded: 8, total: 8 })
    })

    test('a chunked one, and one that was decoded, does not say how long it is', async (context) => {
      const client = keep(context, new Client(await serve(context, (request, response) => {
        if (request.url === '/') {
          response.write('12')
          response.end()
        } else {
          const content = gzipSync('a'.repeat(1000))
          response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': content.length }).end(content)
        }
      })))
      const onDownloadProgress = told()
      await call(client, { path: '/', method: 'GET', onDownloadProgress })
      await call(client.compose(interceptors.decompress()), { path: '/gzip', method: 'GET', onDownloadProgress })
      assert.deepStrictEqual(onDownloadProgress.events.filter(({ total }) => total !== null), [])
      assert.deepStrictEqual(onDownloadProgress.events.at(-1), { loaded: 1000, total: null })
    })

    test('an informational response is no part of it', async (context) => {
      const client = keep(context, new Client(await serve(context, (request, response) => {
        response.writeEarlyHints({ link: '</a>; rel=preload' }, () => response.writeHead(200, { 'content-length': 2 }).end('ok'))
      })))
      const onDownloadProgress = told()
      await call(client, { path: '/', method: 'GET', onDownloadProgress })
      assert.deepStrictEqual(onDownloadProgress.events, [{ loaded: 2, total: 2 }])
    })

    test('both at once, in the context of the caller', async (context) => {
      const client = keep(context, new Client(await serve(context, echo)))
      const storage = new AsyncLocalStorage()
      const seen = []
      const see = (name) => ({ loaded }) => seen.push(`${name} ${loaded} ${storage.getStore()}`)
      await storage.run('mine', () => call(client, { path: '/', method: 'POST', body: 'ciao', onUploadProgress: see('up'), onDownloadProgress: see('down') }))
      assert.deepStrictEqual(seen, ['up 4 mine', 'down 4 mine'])
    })

    for (const option of ['onUploadProgress', 'onDownloadProgress']) {
      test(`${option} that throws ends its own request alone`, async (context) => {
        const client = keep(context, new Client(await serve(context, echo), { pipelining: 1 }))
        const body = Readable.from([Buffer.alloc(10)])
        const [failed, other] = await Promise.allSettled([
          call(client, { path: '/', method: 'POST', body, [option] () { throw new Error('not this one') } }),
          call(client, { path: '/', method: 'POST', body: 'other' })
        ])
        assert.strictEqual(failed.reason?.message, 'not this one')
        assert.strictEqual(String(other.value), 'other')
      })

      for (const value of [true, 'a', {}, 0]) {
        test(`${option} that is ${JSON.stringify(value)} is refused, and nothing is sent`, async (context) => {
          let asked = 0
          const client = keep(context, new Client(await serve(context, () => asked++)))
          const body = new Readable({ read () {} })
          const signal = new EventEmitter()
          await assert.rejects(call(client, { path: '/', method: 'POST', body, signal, [option]: value }), {
            name: 'InvalidArgumentError', code: 'UND_ERR_INVALID_ARG', message: `invalid ${option} callback`
          })
          assert.deepStrictEqual([asked, body.destroyed, signal.listenerCount('abort')], [0, true, 0])
        })
      }
    }

    test('a request that is sent again begins at 0', async (context) => {
      let attempts = 0
      const origin = await serve(context, (request, response) => {
        request.resume().on('end', () => response.writeHead(++attempts < 3 ? 503 : 200).end('ok'))
      })
      const agent = keep(context, new Agent()).compose(interceptors.retry({ minTimeout: 1, methods: ['PUT'] }))
      const onUploadProgress = told()
      const onDownloadProgress = told()
      await call(agent, { origin, path: '/', method: 'PUT', body: 'ciao', onUploadProgress, onDownloadProgress })
      assert.deepStrictEqual(onUploadProgress.events, Array(3).fill({ loaded: 4, total: 4 }))
      assert.deepStrictEqual(onDownloadProgress.events, [{ loaded: 2, total: null }])
    })

    test('through each interceptor that follows, keeps, shares or decodes', async (context) => {
      const origin = await serve(context, (request, response) => {
        if (request.url === '/') response.writeHead(307, { location: '/end' }).end('elsewhere')
        else echo(request, response)
      })
      const agent = keep(context, new Agent()).compose(
        interceptors.redirect({ maxRedirections: 1 }), interceptors.retry(), interceptors.cache(), interceptors.deduplicate(),
        interceptors.decompress(), interceptors.responseError(), interceptors.dns()
      )
      const onUploadProgress = told()
      const onDownloadProgress = told()
      const body = Buffer.alloc(3 * MEBI)
      assert.strictEqual((await call(agent, { origin, path: '/', method: 'PUT', body, onUploadProgress, onDownloadProgress })).length, body.length)
      const { events } = onUploadProgress
      const second = events.slice(events.findIndex(({ loaded }, index) => index > 0 && loaded < events[index - 1].loaded))
      assert.ok(second.length > 2 && isRising(second))
      assert.deepStrictEqual(second.at(-1), { loaded: body.length, total: body.length })
      assert.ok(isRising(onDownloadProgress.events))
      assert.deepStrictEqual(onDownloadProgress.events.at(-1).loaded, body.length)
    })

    test('a mock tells of both', async (context) => {
      const mock = keep(context, new MockAgent())
      mock.get('http://a.test').intercept({ path: '/', method: 'POST' }).reply(200, 'answer', { headers: { 'content-length': '6' } })
      const onUploadProgress = told()
      const onDownloadProgress = told()
      await call(mock, { origin: 'http://a.test', path: '/', method: 'POST', body: 'ask', onUploadProgress, onDownloadProgress })
      assert.deepStrictEqual([onUploadProgress.events, onDownloadProgress.events], [[{ loaded: 3, total: 3 }], [{ loaded: 6, total: 6 }]])
    })
  })
}

test('pipeline() tells of both', async (context) => {
  const client = keep(context, new Client(await serve(context, echo)))
  const onUploadProgress = told()
  const onDownloadProgress = told()
  const duplex = client.pipeline({ path: '/', method: 'PUT', onUploadProgress, onDownloadProgress }, ({ body }) => body)
  duplex.write(Buffer.alloc(2))
  await once(duplex, 'data')
  duplex.end(Buffer.alloc(3))
  await once(duplex.resume(), 'end')
  assert.deepStrictEqual(onUploadProgress.events, [{ loaded: 2, total: null }, { loaded: 5, total: null }])
  assert.strictEqual(onDownloadProgress.events.at(-1).loaded, 5)
})

test('the function of a URL has them, also through a dispatcher of another package', async (context) => {
  const origin = await serve(context, echo)
  const { Agent: Foreign } = require('undici6')
  for (const dispatcher of [keep(context, new Agent()), keep(context, new Foreign())]) {
    const onUploadProgress = told()
    const onDownloadProgress = told()
    const { body } = await request(origin, { dispatcher, method: 'POST', body: 'ciao', onUploadProgress, onDownloadProgress })
    assert.strictEqual(await body.text(), 'ciao')
    assert.deepStrictEqual([onUploadProgress.events, onDownloadProgress.events], [[{ loaded: 4, total: 4 }], [{ loaded: 4, total: null }]])
  }
})

test('a call without them is of the class that knows nothing of it', async () => {
  const classes = []
  const dispatcher = { dispatch: (options, handler) => { classes.push(handler.constructor, typeof handler.onBodySent); return true } }
  require('../../lib/api').request.call(dispatcher, { path: '/', method: 'GET' }, () => {})
  require('../../lib/api').request.call(dispatcher, { path: '/', method: 'GET', onUploadProgress: null, onDownloadProgress: null }, () => {})
  assert.deepStrictEqual(classes, [RequestHandler, 'undefined', RequestHandler, 'undefined'])
})
