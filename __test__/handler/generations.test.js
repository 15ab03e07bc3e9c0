'use strict'

// Both generations of handlers, through decorators of either generation, on dispatchers of this package and of others.

const assert = require('node:assert')
const { describe, test } = require('node:test')
const { serve, keep, hearing } = require('./server.js')
const { Agent, Client, DecoratorHandler, Dispatcher1Wrapper, RedirectHandler, RetryHandler, interceptors } = require('../../index.js')
const undici6 = require('undici6')
const undici7 = require('undici7')

const FINE = ['start', 'head 200', 'data ok', 'end']
const ok = (request, response) => response.writeHead(200, { 'x-a': 'b' }).end('ok')
const get = (origin) => ({ origin, path: '/', method: 'GET' })

class Plain extends DecoratorHandler {}

class First extends DecoratorHandler {
  onConnect (abort, context) {
    return super.onConnect(abort, context)
  }

  onHeaders (statusCode, fields, resume, statusText) {
    return super.onHeaders(statusCode + 1, fields.concat(Buffer.from('x-c'), Buffer.from('d')), resume, statusText)
  }

  onData (chunk) {
    return super.onData(Buffer.from(`${chunk}!`))
  }
}

class Second extends DecoratorHandler {
  onResponseStart (controller, statusCode, headers, statusText) {
    return super.onResponseStart(controller, statusCode + 1, { ...headers, 'x-c': 'd' }, statusText)
  }

  onResponseData (controller, chunk) {
    return super.onResponseData(controller, Buffer.from(`${chunk}!`))
  }
}

describe('a decorator', () => {
  for (const generation of [1, 2]) {
    for (const [name, Decorator, expected] of [
      ['that changes nothing', Plain, FINE],
      ['with methods of the first generation', First, ['start', 'head 201', 'data ok!', 'end']],
      ['with methods of the second generation', Second, ['start', 'head 201', 'data ok!', 'end']]
    ]) {
      test(`${name} serves a handler of generation ${generation}`, async (context) => {
        const origin = await serve(context, ok)
        const { handler, done } = hearing(generation)
        keep(context, new Agent()).dispatch(get(origin), new Decorator(handler))
        assert.deepStrictEqual(await done, expected)
      })
    }

    test(`may be used by its methods of the first generation around a handler of generation ${generation}`, async (context) => {
      const origin = await serve(context, ok)
      const { handler, done } = hearing(generation)
      const decorator = new DecoratorHandler(handler)
      keep(context, new Agent()).dispatch(get(origin), {
        onConnect: (...values) => decorator.onConnect(...values),
        onHeaders: (...values) => decorator.onHeaders(...values),
        onData: (...values) => decorator.onData(...values),
        onComplete: (...values) => decorator.onComplete(...values),
        onError: (...values) => decorator.onError(...values)
      })
      assert.deepStrictEqual(await done, FINE)
    })

    test(`of the first generation carries the pause of a handler of generation ${generation}`, async (context) => {
      const origin = await serve(context, ok)
      let resume
      const paused = new Promise((resolve) => { resume = resolve })
      const { handler, done, heard } = hearing(generation, generation === 1
        ? { onHeaders (statusCode, fields, continues) { resume(continues); return false } }
        : { onResponseStart (controller) { controller.pause(); resume(() => controller.resume()) } })
      keep(context, new Agent()).dispatch(get(origin), new First(handler))
      const continues = await paused
      assert.deepStrictEqual(heard, ['start'])
      continues()
      assert.deepStrictEqual(await done, ['start', 'data ok!', 'end'])
    })
  }

  test('of the first generation changes the headers that request() gives', async (context) => {
    const origin = await serve(context, ok)
    const agent = keep(context, new Agent()).compose((dispatch) => (options, handler) => dispatch(options, new First(handler)))
    const { statusCode, headers, body } = await agent.request(get(origin))
    assert.deepStrictEqual([statusCode, headers['x-a'], headers['x-c'], await body.text()], [201, 'b', 'd', 'ok!'])
  })

  test('wants a handler that is an object', () => {
    for (const handler of [undefined, null, 'x']) {
      assert.throws(() => new DecoratorHandler(handler), { name: 'TypeError', message: 'handler must be an object' })
    }
  })

  test('says when a response starts twice', () => {
    const decorator = new DecoratorHandler(hearing(2).handler)
    decorator.onResponseStart({}, 103, {})
    decorator.onResponseStart({}, 200, {})
    assert.throws(() => decorator.onResponseStart({}, 200, {}), { code: 'ERR_ASSERTION' })
  })

  test('hands on what tells of the request', async (context) => {
    const origin = await serve(context, ok)
    const told = []
    const { handler, done } = hearing(2, {
      onBodySent: (chunk) => told.push(`sent ${chunk}`),
      onRequestSent: () => told.push('all sent'),
      onResponseStarted: () => told.push('answered')
    })
    keep(context, new Agent()).dispatch({ ...get(origin), method: 'POST', body: 'x' }, new DecoratorHandler(handler))
    await done
    assert.deepStrictEqual(told, ['sent x', 'all sent', 'answered'])
  })

  test('an extension may hear of the answer first, and hand it on', async (context) => {
    const origin = await serve(context, ok)
    const told = []
    class Extension extends DecoratorHandler {
      onResponseStarted () {
        told.push('extension')
        super.onResponseStarted()
      }
    }
    const { handler, done } = hearing(1, { onResponseStarted: () => told.push('handler') })
    keep(context, new Agent()).dispatch(get(origin), new Extension(handler))
    await done
    assert.deepStrictEqual(told, ['extension', 'handler'])
  })
})

describe('the dispatchers of other packages', () => {
  for (const [name, library] of [['undici 6', undici6], ['undici 7', undici7]]) {
    for (const generation of [1, 2]) {
      test(`our redirect and retry serve a handler of generation ${generation} on an Agent of ${name}`, async (context) => {
        let count = 0
        const origin = await serve(context, (request, response) => {
          count++
          if (count === 1) response.writeHead(503).end()
          else if (count === 2) response.writeHead(302, { location: '/end' }).end()
          else response.end('ok')
        })
        const { handler, done } = hearing(generation)
        const agent = keep(context, new library.Agent())
          .compose(interceptors.retry({ minTimeout: 1 }), interceptors.redirect({ maxRedirections: 1 }))
        agent.dispatch(get(origin), handler)
        assert.deepStrictEqual((await done).slice(-3), ['head 200', 'data ok', 'end'])
      })

      if (generation === 2 && name === 'undici 6') {
        // It asks for methods of the first generation.
        continue
      }
      test(`the redirect of ${name} serves a handler of generation ${generation} on our Agent`, async (context) => {
        let count = 0
        const origin = await serve(context, (request, response) => {
          if (++count === 1) response.writeHead(302, { location: '/end' }).end()
          else response.end('ok')
        })
        const { handler, done } = hearing(generation)
        keep(context, new Agent()).compose(library.interceptors.redirect({ maxRedirections: 1 })).dispatch(get(origin), handler)
        assert.deepStrictEqual((await done).slice(-3), ['head 200', 'data ok', 'end'])
      })
    }

    test(`the redirect of ${name} serves request() on our Agent`, async (context) => {
      let count = 0
      const origin = await serve(context, (request, response) => {
        if (++count === 1) response.writeHead(302, { location: '/end' }).end()
        else response.writeHead(200, { 'x-a': 'b' }).end('ok')
      })
      const agent = keep(context, new Agent()).compose(library.interceptors.redirect({ maxRedirections: 1 }))
      const { statusCode, headers, body } = await agent.request(get(origin))
      assert.deepStrictEqual([statusCode, headers['x-a'], await body.text()], [200, 'b', 'ok'])
    })
  }
})

describe('a Dispatcher1Wrapper', () => {
  for (const generation of [1, 2]) {
    test(`serves a handler of generation ${generation} on a dispatcher that knows the second alone`, async (context) => {
      const origin = await serve(context, ok)
      const agent = keep(context, new Agent())
      const seen = []
      const modern = {
        dispatch (options, handler) {
          seen.push(typeof handler.onRequestStart, options.allowH2)
          return agent.dispatch(options, handler)
        },
        close: () => agent.close(),
        destroy: () => agent.destroy()
      }
      const { handler, done } = hearing(generation)
      const wrapper = new Dispatcher1Wrapper(modern)
      assert.strictEqual(wrapper.dispatch(get(origin), handler), true)
      assert.deepStrictEqual([await done, seen], [FINE, ['function', false]])
      await wrapper.close()
    })
  }

  test('wants a dispatcher', () => {
    assert.throws(() => new Dispatcher1Wrapper({}), { code: 'UND_ERR_INVALID_ARG', message: 'Argument dispatcher must implement dispatch' })
  })

  test('wraps a handler of the first generation, and no other', () => {
    const { handler } = hearing(2)
    assert.strictEqual(Dispatcher1Wrapper.wrapHandler(handler), handler)
    assert.strictEqual(typeof Dispatcher1Wrapper.wrapHandler(hearing(1).handler).onRequestStart, 'function')
    assert.throws(() => Dispatcher1Wrapper.wrapHandler(null), { code: 'UND_ERR_INVALID_ARG', message: 'handler must be an object' })
  })
})

describe('an upgrade', () => {
  for (const generation of [1, 2]) {
    test(`reaches a handler of generation ${generation} through decorators, redirects and retries`, async (context) => {
      const { createServer } = require('node:http')
      const { once } = require('node:events')
      const server = createServer().on('upgrade', (request, socket) => {
        socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')
      }).listen(0, '127.0.0.1')
      context.after(() => server.close())
      await once(server, 'listening')
      const client = keep(context, new Client(`http://127.0.0.1:${server.address().port}`))
      const { handler, done } = hearing(generation)
      const options = { path: '/', method: 'GET', upgrade: 'echo' }
      const dispatch = client.dispatch.bind(client)
      client.dispatch(options, new RedirectHandler(dispatch, 1, options, new RetryHandler(options, { dispatch, handler: new First(handler) })))
      assert.deepStrictEqual(await done, ['start', 'upgrade 101'])
    })
  }
})
