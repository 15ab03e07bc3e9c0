'use strict'

// The interceptor cookies with the jar of tough-cookie, and with jars that take their time or fail.

const assert = require('node:assert')
const { once } = require('node:events')
const { Readable } = require('node:stream')
const { describe, test } = require('node:test')
const { CookieJar } = require('tough-cookie')
const { serve, keep, hearing } = require('../handler/server.js')
const { Agent, BalancedPool, Client, MockAgent, Pool, errors, interceptors } = require('../../index.js')

const { cookies, redirect } = interceptors

/** A server that answers with the cookie field it was sent, and sets the cookies that the path's answer names. */
function echoing (sets = {}) {
  const asked = []
  const answer = (request, response) => {
    asked.push(`${request.url} ${request.headers.cookie ?? '-'}`)
    const { status = 200, ...fields } = sets[request.url] ?? {}
    response.writeHead(status, fields).end(request.headers.cookie ?? '')
  }
  return { answer, asked }
}

/** A jar whose answers come when the test says. */
function slowJar (kept = '') {
  const jar = { asked: [], stored: [], answers: [] }
  const later = () => new Promise((resolve, reject) => jar.answers.push({ resolve, reject }))
  jar.getCookieString = (url) => { jar.asked.push(url); return later().then(() => kept) }
  jar.setCookie = (cookie, url, options) => { jar.stored.push([cookie, url, options]); return later() }
  return jar
}

const textOf = async ({ body }) => body.text()

describe('what is sent', () => {
  test('the cookies that earlier responses have set go with later requests to their paths', async (context) => {
    const { answer, asked } = echoing({
      '/set': { 'set-cookie': ['a=1; Path=/', 'b=2; Path=/deep', 'c=3; Path=/; HttpOnly'] },
      '/end': { 'set-cookie': 'a=; Max-Age=0; Path=/' }
    })
    const origin = await serve(context, answer)
    const agent = keep(context, new Agent()).compose(cookies({ jar: new CookieJar() }))
    for (const path of ['/', '/set', '/', '/deep/er', '/end', '/']) {
      await textOf(await agent.request({ origin, path, method: 'GET' }))
    }
    assert.deepStrictEqual(asked, ['/ -', '/set -', '/ a=1; c=3', '/deep/er b=2; a=1; c=3', '/end a=1; c=3', '/ c=3'])
  })

  const forms = {
    'an object': { Cookie: 'own=x; a=mine', accept: 'y' },
    'an object with a list': { cookie: ['own=x', 'a=mine'], accept: 'y' },
    'a flat list': ['accept', 'y', 'COOKIE', 'own=x', 'cookie', 'a=mine'],
    'a list of pairs': new Map([['cookie', 'own=x; a=mine'], ['accept', 'y']]),
    Headers: new Headers({ cookie: 'own=x; a=mine', accept: 'y' }),
    'an iterator that is read once': (function * () { yield * [['cookie', 'own=x; a=mine'], ['accept', 'y']] })()
  }
  for (const [name, headers] of Object.entries(forms)) {
    test(`a cookie field of the request as ${name} is merged with the jar's, and its cookies stand for those of the same name`, async (context) => {
      const seen = []
      const origin = await serve(context, (request, response) => {
        seen.push(request.rawHeaders.flatMap((field, index, all) => /^(cookie|accept)$/i.test(field) && index % 2 === 0 ? [[field.toLowerCase(), all[index + 1]]] : []))
        response.end()
      })
      const jar = new CookieJar()
      await jar.setCookie('a=1', origin)
      await jar.setCookie('b=2', origin)
      const agent = keep(context, new Agent()).compose(cookies({ jar }))
      await textOf(await agent.request({ origin, path: '/', method: 'GET', headers }))
      assert.deepStrictEqual(seen[0].sort(), [['accept', 'y'], ['cookie', 'own=x; a=mine; b=2']])
    })
  }

  test('without cookies in the jar the fields of a request are left as they are', () => {
    const given = { path: '/', method: 'GET', origin: 'http://localhost', headers: { Cookie: 'own=x' } }
    return new Promise((resolve) => {
      const dispatch = cookies({ jar: new CookieJar() })((options) => resolve(options))
      dispatch(given, hearing(2).handler)
    }).then((options) => assert.strictEqual(options.headers, given.headers))
  })

  test('the query of a request belongs to its URL, and two slashes name no other host', async () => {
    const jar = slowJar()
    const dispatch = cookies({ jar })(() => true)
    const ask = (options) => dispatch({ origin: 'http://a.test', method: 'GET', ...options }, hearing(2).handler)
    ask({ path: '/x', query: { a: 1 } })
    ask({ path: '//evil.test/x' })
    ask({ path: '/', origin: new URL('http://a.test:80') })
    assert.deepStrictEqual(jar.asked, ['http://a.test/x?a=1', 'http://a.test//evil.test/x', 'http://a.test/'])
  })

  test('what is not for a URL of the origin goes without the jar', () => {
    const jar = slowJar()
    const seen = []
    const dispatch = cookies({ jar })((options) => { seen.push(options.path); return true }, 'http://a.test')
    dispatch({ path: 'b.test:443', method: 'CONNECT' }, hearing(2).handler)
    dispatch({ path: 'http://b.test/', method: 'GET' }, hearing(2).handler)
    dispatch({ path: '/', method: 'GET', origin: 'http://b.test' }, hearing(2).handler)
    assert.deepStrictEqual([seen, jar.asked], [['b.test:443', 'http://b.test/', '/'], []])
  })

  for (const [name, make] of Object.entries({
    Client: (origin) => new Client(origin),
    Pool: (origin) => new Pool(origin)
  })) {
    test(`on a ${name} the origin is that of the dispatcher`, async (context) => {
      const { answer, asked } = echoing({ '/set': { 'set-cookie': 'a=1' } })
      const client = keep(context, make(await serve(context, answer))).compose(cookies({ jar: new CookieJar() }))
      await textOf(await client.request({ path: '/set', method: 'GET' }))
      await textOf(await client.request({ path: '/', method: 'GET' }))
      assert.deepStrictEqual(asked, ['/set -', '/ a=1'])
    })
  }

  test('as an option of a Client too', async (context) => {
    const { answer, asked } = echoing({ '/set': { 'set-cookie': 'a=1' } })
    const client = keep(context, new Client(await serve(context, answer), { interceptors: { Client: [cookies({ jar: new CookieJar() })] } }))
    await textOf(await client.request({ path: '/set', method: 'GET' }))
    await textOf(await client.request({ path: '/', method: 'GET' }))
    assert.deepStrictEqual(asked, ['/set -', '/ a=1'])
  })

  test('a BalancedPool has several origins, and no cookies go to any', async (context) => {
    const { answer, asked } = echoing({ '/set': { 'set-cookie': 'a=1' } })
    const pool = keep(context, new BalancedPool(await serve(context, answer))).compose(cookies({ jar: new CookieJar() }))
    await textOf(await pool.request({ path: '/set', method: 'GET' }))
    await textOf(await pool.request({ path: '/', method: 'GET' }))
    assert.deepStrictEqual(asked, ['/set -', '/ -'])
  })
})

describe('what is stored', () => {
  test('a response is heard when its cookies are in the jar, one after the other', async (context) => {
    const origin = await serve(context, (request, response) => response.writeHead(200, { 'set-cookie': ['a=1', 'a=2'] }).end('ok'))
    const jar = slowJar()
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    let isHeard = false
    const response = agent.request({ origin, path: '/', method: 'GET' }).finally(() => { isHeard = true })
    jar.answers.shift().resolve()
    while (jar.answers.length === 0) await new Promise(setImmediate)
    assert.deepStrictEqual(jar.stored.map(([cookie]) => cookie), ['a=1'])
    jar.answers.shift().resolve()
    while (jar.answers.length === 0) await new Promise(setImmediate)
    assert.strictEqual(isHeard, false)
    assert.deepStrictEqual(jar.stored.at(-1), ['a=2', `${origin}/`, { ignoreError: true }])
    jar.answers.shift().resolve()
    assert.strictEqual(await textOf(await response), 'ok')
  })

  test('a jar that answers at once is not waited for', async (context) => {
    const { answer, asked } = echoing({ '/set': { 'set-cookie': 'a=1' } })
    const origin = await serve(context, answer)
    let kept = ''
    const jar = { getCookieString: () => kept, setCookie: (cookie) => { kept = cookie } }
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    await textOf(await agent.request({ origin, path: '/set', method: 'GET' }))
    await textOf(await agent.request({ origin, path: '/', method: 'GET' }))
    assert.deepStrictEqual(asked, ['/set -', '/ a=1'])
  })

  test('a cookie that is not for the host, or is none, is no error', async (context) => {
    const { answer } = echoing({ '/': { 'set-cookie': ['a=1; Domain=example.com', '', '=', 'b=2'] } })
    const origin = await serve(context, answer)
    const jar = new CookieJar()
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    assert.strictEqual((await agent.request({ origin, path: '/', method: 'GET' })).statusCode, 200)
    assert.strictEqual(await jar.getCookieString(origin), 'b=2')
  })

  test('an informational response sets none', async (context) => {
    const origin = await serve(context, (request, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload', 'set-cookie': 'early=1' }, () => response.writeHead(200, { 'set-cookie': 'late=1' }).end())
    })
    const jar = new CookieJar()
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    const seen = []
    await textOf(await agent.request({ origin, path: '/', method: 'GET', onInfo: ({ statusCode }) => seen.push(statusCode) }))
    assert.deepStrictEqual([seen, await jar.getCookieString(origin)], [[103], 'late=1'])
  })

  test('Node.js\'s own fetch keeps and sends them, in each hop that it follows', async (context) => {
    const { answer, asked } = echoing({ '/login': { status: 303, location: '/', 'set-cookie': 'a=1; Path=/' } })
    const origin = await serve(context, answer)
    const dispatcher = keep(context, new Agent()).compose(cookies({ jar: new CookieJar() }))
    await (await fetch(`${origin}/login`, { dispatcher, method: 'POST', body: 'x' })).text()
    await (await fetch(origin, { dispatcher, headers: { cookie: 'own=x' } })).text()
    assert.deepStrictEqual(asked, ['/login -', '/ a=1', '/ own=x; a=1'])
  })

  test('the response to an upgrade sets some before its socket is handed over', async (context) => {
    const { createServer } = require('node:http')
    const server = createServer().on('upgrade', (request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\nset-cookie: a=1\r\n\r\nciao')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close())
    const origin = `http://127.0.0.1:${server.address().port}`
    const jar = new CookieJar()
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    const { socket } = await agent.upgrade({ origin, path: '/', protocol: 'chat' })
    assert.strictEqual(await jar.getCookieString(origin), 'a=1')
    assert.strictEqual((await socket.toArray()).join(''), 'ciao')
  })

  test('handlers of both generations hear the response once', async (context) => {
    const { answer } = echoing({ '/': { 'set-cookie': 'a=1' } })
    const origin = await serve(context, answer)
    for (const generation of [1, 2]) {
      const agent = keep(context, new Agent()).compose(cookies({ jar: new CookieJar() }))
      const { handler, done } = hearing(generation)
      agent.dispatch({ origin, path: '/', method: 'GET' }, handler)
      assert.deepStrictEqual(await done, ['start', 'head 200', 'end'])
    }
  })

  test('a mocked response, which no pause stops, is heard in its order', async (context) => {
    const mock = keep(context, new MockAgent())
    mock.disableNetConnect()
    mock.get('http://a.test').intercept({ path: '/' }).reply(200, 'ok', { headers: { 'set-cookie': 'a=1' } })
    const jar = new CookieJar()
    const { handler, done } = hearing(2)
    mock.compose(cookies({ jar })).dispatch({ origin: 'http://a.test', path: '/', method: 'GET' }, handler)
    assert.deepStrictEqual(await done, ['start', 'head 200', 'data ok', 'end'])
    assert.strictEqual(await jar.getCookieString('http://a.test'), 'a=1')
  })

  test('a pause that the handler asks for at the head outlasts the jar', async (context) => {
    const { answer } = echoing({ '/': { 'set-cookie': 'a=1' } })
    const origin = await serve(context, answer)
    const jar = new CookieJar()
    await jar.setCookie('kept=1', origin)
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    const { handler, heard, done } = hearing(2, {
      onResponseStart (controller, statusCode) {
        heard.push(`head ${statusCode}`)
        controller.pause()
        setImmediate(() => setImmediate(() => { heard.push('resume'); controller.resume() }))
      }
    })
    agent.dispatch({ origin, path: '/', method: 'GET' }, handler)
    assert.deepStrictEqual(await done, ['start', 'head 200', 'resume', 'data kept=1', 'end'])
  })
})

describe('with redirects', () => {
  /** Two origins; the first sets a cookie and leads to itself and on to the second, which sets one too. */
  async function leading (context) {
    const other = echoing({ '/end': { 'set-cookie': 'there=1' } })
    const second = (await serve(context, other.answer)).replace('127.0.0.1', 'localhost')
    const one = echoing({
      '/': { status: 302, location: '/next', 'set-cookie': 'here=1' },
      '/next': { status: 307, location: `${second}/end`, 'set-cookie': 'next=1' }
    })
    return { first: await serve(context, one.answer), second, asked: one.asked, other: other.asked }
  }

  const orders = {
    'cookies inside of redirect': (jar) => [cookies({ jar }), redirect({ maxRedirections: 3 })],
    'cookies outside of redirect': (jar) => [redirect({ maxRedirections: 3 }), cookies({ jar })],
    'cookies outside, with others between': (jar) => [redirect({ maxRedirections: 3 }), interceptors.retry(), interceptors.dump, cookies({ jar })]
      .map((one) => one === interceptors.dump ? (dispatch) => (options, handler) => dispatch({ ...options, headers: { ...Object.fromEntries(pairs(options.headers)), 'x-between': '1' } }, handler) : one),
    'cookies outside of the option maxRedirections': (jar) => [cookies({ jar })]
  }
  function pairs (headers) {
    const list = [headers ?? []].flat()
    return list.flatMap((name, index) => index % 2 === 0 ? [[name, list[index + 1]]] : [])
  }
  for (const [name, make] of Object.entries(orders)) {
    test(`${name}: each hop sends and sets those of its own URL`, async (context) => {
      const { first, second, asked, other } = await leading(context)
      const jar = new CookieJar()
      const agent = keep(context, new Agent()).compose(make(jar))
      const options = { origin: first, path: '/', method: 'GET', headers: ['cookie', 'own=x'] }
      await textOf(await agent.request(name.endsWith('maxRedirections') ? { ...options, maxRedirections: 3 } : options))
      assert.deepStrictEqual(asked, ['/ own=x', '/next own=x; here=1'])
      // Not the user's own, which were for the first.
      assert.deepStrictEqual(other, ['/end -'])
      assert.strictEqual(await jar.getCookieString(first), 'here=1; next=1')
      assert.strictEqual(await jar.getCookieString(second), 'there=1')
    })
  }

  test('what the jar has for the first origin does not go to the second', async (context) => {
    const { first, second, asked, other } = await leading(context)
    for (const make of Object.values(orders).slice(0, 3)) {
      const jar = new CookieJar()
      await jar.setCookie('secret=1', first)
      await jar.setCookie('known=1', second)
      await textOf(await keep(context, new Agent()).compose(make(jar)).request({ origin: first, path: '/', method: 'GET' }))
      assert.deepStrictEqual(asked.splice(0), ['/ secret=1', '/next secret=1; here=1'])
      assert.deepStrictEqual(other.splice(0), ['/end known=1'])
    }
  })

  test('two jars outside of redirect are both asked for each hop', async (context) => {
    const { first, asked, other, second } = await leading(context)
    const jars = [new CookieJar(), new CookieJar()]
    await jars[0].setCookie('one=1', second)
    await jars[1].setCookie('two=2', second)
    await jars[1].setCookie('two=2', first)
    const agent = keep(context, new Agent()).compose(redirect({ maxRedirections: 3 }), ...jars.map((jar) => cookies({ jar })))
    await textOf(await agent.request({ origin: first, path: '/', method: 'GET' }))
    assert.deepStrictEqual(asked, ['/ two=2', '/next two=2; here=1'])
    assert.deepStrictEqual(other.map((line) => line.split(/ |; /).sort()), [['/end', 'one=1', 'two=2']])
  })

  test('where an interceptor of another package follows them, the last response\'s are stored for the URL that it came from', async (context) => {
    const { first, second } = await leading(context)
    const jar = new CookieJar()
    const agent = keep(context, new Agent()).compose(require('undici6').interceptors.redirect({ maxRedirections: 3 }), cookies({ jar }))
    await textOf(await agent.request({ origin: first, path: '/', method: 'GET' }))
    assert.strictEqual(await jar.getCookieString(first), '')
    assert.strictEqual(await jar.getCookieString(second), 'there=1')
  })

  test('a Client that is led to another origin asks itself, and sends and keeps none for the other', async (context) => {
    const { answer, asked } = echoing({ '/': { status: 302, location: 'http://b.test/next', 'set-cookie': 'a=1' }, '/next': { 'set-cookie': 'c=1' } })
    const origin = await serve(context, answer)
    const jar = new CookieJar()
    await jar.setCookie('b=1', 'http://b.test')
    for (const make of Object.values(orders).slice(0, 2)) {
      const client = keep(context, new Client(origin)).compose(make(jar))
      await textOf(await client.request({ path: '/', method: 'GET' }))
      assert.strictEqual(asked.splice(0)[1], '/next -')
      assert.strictEqual(await jar.getCookieString('http://b.test'), 'b=1')
    }
  })
})

describe('when it goes wrong', () => {
  test('a jar that is none is refused', () => {
    for (const given of [undefined, {}, { jar: null }, { jar: {} }, { jar: { getCookieString () {} } }, { jar: 'a' }]) {
      assert.throws(() => cookies(given), { name: 'InvalidArgumentError', code: 'UND_ERR_INVALID_ARG', message: 'jar must have the methods getCookieString and setCookie' })
    }
  })

  for (const [name, getCookieString] of Object.entries({
    'rejects with': async () => { throw new Error('the jar is broken') },
    throws: () => { throw new Error('the jar is broken') }
  })) {
    test(`an error that the jar ${name} when it is asked is that of the request, of which nothing is sent`, async (context) => {
      const { answer, asked } = echoing()
      const origin = await serve(context, answer)
      const agent = keep(context, new Agent()).compose(cookies({ jar: { getCookieString, async setCookie () {} } }))
      const body = new Readable({ read () {} })
      await assert.rejects(agent.request({ origin, path: '/', method: 'POST', body }), { message: 'the jar is broken' })
      assert.deepStrictEqual([asked, body.destroyed], [[], true])
    })
  }

  for (const [name, setCookie] of Object.entries({
    'rejects with': async () => { throw new Error('the jar is full') },
    throws: () => { throw new Error('the jar is full') }
  })) {
    test(`an error that the jar ${name} when it is given a cookie ends its own request alone`, async (context) => {
      const { answer } = echoing({ '/set': { 'set-cookie': 'a=1' } })
      const origin = await serve(context, answer)
      const agent = keep(context, new Agent()).compose(cookies({ jar: { getCookieString: async () => '', setCookie } }))
      const [failed, other] = await Promise.allSettled(['/set', '/'].map((path) => agent.request({ origin, path, method: 'GET' })))
      assert.strictEqual(failed.reason.message, 'the jar is full')
      assert.strictEqual(await textOf(other.value), '')
    })
  }

  test('the jar may fail after a mocked response has ended', async (context) => {
    const mock = keep(context, new MockAgent())
    mock.get('http://a.test').intercept({ path: '/' }).reply(200, 'ok', { headers: { 'set-cookie': 'a=1' } })
    const jar = { getCookieString: async () => '', setCookie: async () => { throw new Error('full') } }
    const { handler, done } = hearing(2)
    mock.compose(cookies({ jar })).dispatch({ origin: 'http://a.test', path: '/', method: 'GET' }, handler)
    assert.deepStrictEqual(await done, ['start', 'error full'])
  })

  test('the jar fails over an upgrade, and the socket is closed', async (context) => {
    const { createServer } = require('node:http')
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close())
    const closed = new Promise((resolve) => server.on('upgrade', (request, socket) => {
      socket.on('error', () => {}).on('end', () => socket.end(resolve)).resume()
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\nset-cookie: a=1\r\n\r\n')
    }))
    const jar = { getCookieString: async () => '', setCookie: async () => { throw new Error('full') } }
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    await assert.rejects(agent.upgrade({ origin: `http://127.0.0.1:${server.address().port}`, path: '/', protocol: 'chat' }), { message: 'full' })
    await closed
  })

  test('an abort while the jar is asked is heard at once, and nothing is sent', async (context) => {
    const { answer, asked } = echoing()
    const origin = await serve(context, answer)
    const jar = slowJar()
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    const abort = new AbortController()
    const request = agent.request({ origin, path: '/', method: 'GET', signal: abort.signal })
    abort.abort(new Error('enough'))
    await assert.rejects(request, { message: 'enough' })
    jar.answers.shift().resolve()
    await agent.close()
    assert.deepStrictEqual(asked, [])
  })

  test('an abort while the jar is given cookies is heard at once', async (context) => {
    const { answer } = echoing({ '/': { 'set-cookie': 'a=1' } })
    const origin = await serve(context, answer)
    const jar = slowJar()
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    const abort = new AbortController()
    const request = agent.request({ origin, path: '/', method: 'GET', signal: abort.signal })
    jar.answers.shift().resolve()
    while (jar.answers.length === 0) await new Promise(setImmediate)
    abort.abort(new Error('enough'))
    await assert.rejects(request, { message: 'enough' })
    // Too late to matter.
    jar.answers.shift().reject(new Error('full'))
    await new Promise(setImmediate)
  })

  test('an abort of a mocked response that has ended while the jar is given cookies is heard at once', async (context) => {
    const mock = keep(context, new MockAgent())
    mock.get('http://a.test').intercept({ path: '/' }).reply(200, 'ok', { headers: { 'set-cookie': 'a=1' } })
    const jar = slowJar()
    const { handler, heard, done } = hearing(2)
    mock.compose(cookies({ jar })).dispatch({ origin: 'http://a.test', path: '/', method: 'GET' }, handler)
    jar.answers.shift().resolve()
    while (jar.answers.length === 0) await new Promise(setImmediate)
    assert.deepStrictEqual(heard, ['start'])
    handler.controller.abort(new Error('enough'))
    assert.deepStrictEqual(await done, ['start', 'error enough'])
    jar.answers.shift().resolve()
  })

  for (const name of ['close', 'destroy']) {
    test(`${name}() while the jar is asked fails the request that it has not`, async (context) => {
      const { answer, asked } = echoing()
      const origin = await serve(context, answer)
      const jar = slowJar()
      const agent = new Agent()
      const request = agent.compose(cookies({ jar })).request({ origin, path: '/', method: 'GET' })
      await agent[name]()
      jar.answers.shift().resolve()
      await assert.rejects(request, errors.ClientDestroyedError)
      assert.deepStrictEqual(asked, [])
    })
  }

  test('destroy() while the jar is given cookies fails the request at once', async (context) => {
    const { answer } = echoing({ '/': { 'set-cookie': 'a=1' } })
    const origin = await serve(context, answer)
    const jar = slowJar()
    const agent = new Agent()
    const request = agent.compose(cookies({ jar })).request({ origin, path: '/', method: 'GET' })
    jar.answers.shift().resolve()
    while (jar.answers.length === 0) await new Promise(setImmediate)
    await Promise.all([agent.destroy(), assert.rejects(request, errors.ClientDestroyedError)])
  })

  test('a handler that throws when it hears the head, after the jar has it, fails its own request', async (context) => {
    const { answer } = echoing({ '/': { 'set-cookie': 'a=1' } })
    const origin = await serve(context, answer)
    const agent = keep(context, new Agent()).compose(cookies({ jar: new CookieJar() }))
    const { handler, done } = hearing(2, { onResponseStart () { throw new Error('not this one') } })
    agent.dispatch({ origin, path: '/', method: 'GET' }, handler)
    assert.deepStrictEqual(await done, ['start', 'error not this one'])
    assert.strictEqual((await agent.request({ origin, path: '/', method: 'GET' })).statusCode, 200)
  })

  test('what a jar gives that is no field value is refused', async (context) => {
    const { answer, asked } = echoing()
    const origin = await serve(context, answer)
    const jar = { getCookieString: async () => 'a=1\r\nx-injected: 1', async setCookie () {} }
    const agent = keep(context, new Agent()).compose(cookies({ jar }))
    await assert.rejects(agent.request({ origin, path: '/', method: 'GET' }), { code: 'UND_ERR_INVALID_ARG', message: 'invalid cookie header' })
    assert.deepStrictEqual(asked, [])
  })
})
