'use strict'

// The cache interceptor over real sockets: which requests reach a server, and what is heard in any case.

const assert = require('node:assert')
const { Readable, Writable } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const { describe, test } = require('node:test')
const { cached, telling } = require('./cached.js')
const { hearing, keep, serve } = require('../handler/server.js')
const { Agent, BalancedPool, Client, Pool, cacheStores, interceptors } = require('../../index.js')

const KEPT = { 'cache-control': 'max-age=60' }
const cacheControl = (value) => ({ headers: { 'cache-control': value } })

describe('a kept response', () => {
  test('answers the next request with its age, and nothing is asked', async (context) => {
    const { asked, get, tick } = await cached(context, { fields: { ...KEPT, 'x-own': 'a' } })
    await get()
    tick(3)
    const { statusCode, headers, text } = await get()
    assert.deepStrictEqual([statusCode, headers['x-own'], headers.age, headers.warning, text], [200, 'a', '3', undefined, 'answer 1'])
    assert.strictEqual(asked.length, 1)
  })

  test('has no fields of the connection that it came by', async (context) => {
    const { get } = await cached(context, { fields: { ...KEPT, connection: 'close, x-hop', 'x-hop': '1', 'proxy-authenticate': 'a', upgrade: 'b', age: '1' } })
    assert.strictEqual((await get()).headers['x-hop'], '1')
    const { headers } = await get()
    assert.deepStrictEqual(Object.keys(headers).sort(), ['age', 'cache-control'])
  })

  test('has no fields that are named in no-cache or private', async (context) => {
    const { get } = await cached(context, { fields: { 'cache-control': 'max-age=60, no-cache="x-a, x-b", private=x-c', 'x-a': '1', 'x-b': '2', 'x-c': '3', 'x-d': '4' } })
    await get()
    assert.deepStrictEqual(Object.keys((await get()).headers).filter((name) => name.startsWith('x-')), ['x-d'])
  })

  test('is asked about when it is stale, and not kept once it is of no use', async (context) => {
    const { asked, texts, tick } = await cached(context)
    await texts({})
    tick(61)
    assert.deepStrictEqual(await texts({}), ['answer 2'])
    assert.deepStrictEqual(asked[1].headers, { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' })
    tick(121)
    assert.deepStrictEqual(await texts({}), ['answer 3'])
    assert.deepStrictEqual(asked[2].headers, {})
  })

  test('is heard as raw fields too', async (context) => {
    const { get } = await cached(context)
    await get()
    const { headers } = await get({ responseHeaders: 'raw' })
    assert.deepStrictEqual(headers.slice(0, 2), ['cache-control', 'max-age=60'])
    assert.deepStrictEqual(headers.slice(-2), ['age', '0'])
  })

  test('may have no content', async (context) => {
    const { asked, get } = await cached(context, { answer: (request, response) => response.writeHead(204, KEPT).end() })
    assert.deepStrictEqual([(await get()).statusCode, (await get()).statusCode, asked.length], [204, 204, 1])
  })

  test('answers HEAD without its content', async (context) => {
    const { asked, get } = await cached(context, { options: { methods: ['GET', 'HEAD'] } })
    await get({ method: 'HEAD' })
    const { statusCode, text } = await get({ method: 'HEAD' })
    assert.deepStrictEqual([statusCode, text, asked.length], [200, '', 1])
  })

  test('stays whole when a program changes the octets that it got', async (context) => {
    const { request } = await cached(context)
    const seen = []
    for (let count = 0; count < 3; count++) {
      const { body } = await request()
      for await (const chunk of body) {
        seen.push(chunk.toString())
        chunk.fill(0)
      }
    }
    assert.deepStrictEqual(seen, ['answer 1', 'answer 1', 'answer 1'])
  })

  for (const name of ['MemoryCacheStore', 'SqliteCacheStore']) {
    test(`comes out of a ${name}`, async (context) => {
      let store
      try {
        store = new cacheStores[name]()
      } catch ({ code }) {
        assert.strictEqual(code, 'UND_ERR_NOT_SUPPORTED')
        context.skip('this Node.js has no node:sqlite')
        return
      }
      const { texts } = await cached(context, { options: { store } })
      assert.deepStrictEqual(await texts({}, {}), ['answer 1', 'answer 1'])
    })
  }
})

describe('requests are told apart by', () => {
  for (const [name, one, other, fields, answers] of [
    ['their path', { path: '/a' }, { path: '/b' }, {}, 2],
    ['their query', { query: { a: 1 } }, { query: { a: 2 } }, {}, 2],
    ['nothing where the query is the same in another form', { query: { a: 1 } }, { path: '/?a=1' }, {}, 1],
    ['their fields in vary', { headers: { Accept: 'a' } }, { headers: { accept: 'b' } }, { vary: 'Accept' }, 2],
    ['nothing where the fields in vary are the same in another form', { headers: { Accept: 'a' } }, { headers: ['accept', 'a', 'x', 'y'] }, { vary: 'accept' }, 1],
    ['a field in vary that one of them has not', { headers: { accept: 'a' } }, {}, { vary: 'accept' }, 2],
    ['everything, where vary is an asterisk', {}, {}, { vary: '*' }, 2],
    ['everything, where vary is no list of names', {}, {}, { vary: 'a b' }, 2]
  ]) {
    test(name, async (context) => {
      const { asked, texts } = await cached(context, { fields: { ...KEPT, ...fields } })
      await texts(one, other)
      assert.strictEqual(asked.length, answers)
    })
  }

  test('each of several variants', async (context) => {
    const { asked, texts } = await cached(context, { fields: { ...KEPT, vary: 'accept' } })
    const [a, b] = ['a', 'b'].map((accept) => ({ headers: { accept } }))
    assert.deepStrictEqual(await texts(a, b, a, b), ['answer 1', 'answer 2', 'answer 1', 'answer 2'])
    assert.strictEqual(asked.length, 2)
  })
})

describe('a request may say', () => {
  for (const [field, seconds, isAsked] of [
    ['no-cache', 0, true],
    ['no-cache="a"', 0, true],
    ['max-age=10', 9, false],
    ['max-age=10', 10, true],
    ['max-age=0', 0, true],
    ['min-fresh=10', 40, false],
    ['min-fresh=30', 40, true],
    ['max-stale=30', 70, false],
    ['max-stale=5', 70, true],
    ['max-stale', 70, true],
    ['only-if-cached', 0, false]
  ]) {
    test(`${field} after ${seconds} s, and its server is ${isAsked ? 'asked' : 'not asked'}`, async (context) => {
      const { asked, get, tick } = await cached(context)
      await get()
      tick(seconds)
      assert.strictEqual((await get(cacheControl(field))).headers.warning, undefined)
      assert.strictEqual(asked.length, isAsked ? 2 : 1)
    })
  }

  test('no-cache as pragma', async (context) => {
    const { asked, texts } = await cached(context)
    await texts({}, { headers: { pragma: 'x, No-Cache' } }, { headers: { pragma: 'no-cache', 'cache-control': 'max-stale=1' } })
    assert.strictEqual(asked.length, 2)
  })

  test('no-store, and is sent and not kept', async (context) => {
    const { asked, texts } = await cached(context)
    assert.deepStrictEqual(await texts(cacheControl('no-store'), {}, cacheControl('no-store')), ['answer 1', 'answer 2', 'answer 3'])
    assert.strictEqual(asked.length, 3)
  })

  test('only-if-cached, and hears 504 where nothing is kept', async (context) => {
    const { asked, get } = await cached(context)
    const { statusCode, headers, text } = await get(cacheControl('only-if-cached'))
    assert.deepStrictEqual([statusCode, headers, text, asked.length], [504, {}, '', 0])
  })
})

describe('a server that is asked about a stale response', () => {
  const aged = (tag = '"a"') => ({ 'cache-control': 'max-age=60, stale-if-error=100', etag: tag })

  test('says 304, and the kept one is the answer', async (context) => {
    const { asked, get, tick } = await cached(context, {
      answer: (request, response, number) => number === 1 ? response.writeHead(200, aged()).end('kept') : response.writeHead(304, { etag: '"a"' }).end()
    })
    await get()
    tick(61)
    const { statusCode, headers, text } = await get()
    assert.deepStrictEqual([statusCode, text, headers.age, headers.warning], [200, 'kept', '61', '110 - "response is stale"'])
    assert.strictEqual(asked[1].headers['if-none-match'], '"a"')
  })

  test('is told when it was last modified', async (context) => {
    const modified = 'Wed, 31 Dec 2025 23:00:00 GMT'
    const { asked, texts } = await cached(context, { fields: { 'cache-control': 'max-age=0', 'last-modified': modified } })
    await texts({}, {})
    assert.deepStrictEqual(asked[1].headers, { 'if-modified-since': modified })
  })

  for (const [what, fields] of [
    ['of another entity tag', { etag: '"b"' }],
    ['with no-store', { 'cache-control': 'no-store' }],
    ['that is private', { 'cache-control': 'private' }],
    ['with a cookie', { 'set-cookie': 'a=b' }],
    ['with vary as an asterisk', { vary: '*' }],
    ['that depends on more fields', { vary: 'x-more' }]
  ]) {
    test(`says a 304 ${what}, and is asked for the whole`, async (context) => {
      const { asked, get } = await cached(context, {
        answer: (request, response, number) => number === 2 ? response.writeHead(304, fields).end() : response.writeHead(200, { 'cache-control': 'max-age=0', etag: '"a"' }).end(`answer ${number}`)
      })
      await get()
      assert.strictEqual((await get()).text, 'answer 3')
      assert.deepStrictEqual(asked[2].headers, {})
    })
  }

  test('fails within stale-if-error, and the kept one is the answer', async (context) => {
    const { get, tick } = await cached(context, {
      answer: (request, response, number) => number === 1 ? response.writeHead(200, aged()).end('kept') : number === 2 ? response.writeHead(503).end('x') : request.socket.destroy()
    })
    await get()
    tick(61)
    for (let count = 0; count < 2; count++) {
      const { statusCode, headers, text } = await get()
      assert.deepStrictEqual([statusCode, text, headers.warning], [200, 'kept', '110 - "response is stale"'])
    }
    tick(100)
    await assert.rejects(get(), { message: 'other side closed' })
  })

  test('fails within the stale-if-error of a request', async (context) => {
    const { get, tick } = await cached(context, {
      answer: (request, response, number) => number === 1 ? response.writeHead(200, KEPT).end('kept') : response.writeHead(500).end('x')
    })
    await get()
    tick(61)
    assert.strictEqual((await get(cacheControl('stale-if-error=10'))).text, 'kept')
    assert.strictEqual((await get()).statusCode, 500)
  })

  for (const directive of ['must-revalidate', 'proxy-revalidate', 's-maxage=60']) {
    test(`fails, and ${directive} makes that the answer`, async (context) => {
      const { get, tick } = await cached(context, {
        answer: (request, response, number) => number === 1 ? response.writeHead(200, { 'cache-control': `max-age=60, stale-if-error=100, ${directive}` }).end('kept') : response.writeHead(503).end('x')
      })
      await get()
      tick(61)
      assert.strictEqual((await get()).statusCode, 503)
    })
  }
})

describe('stale-while-revalidate', () => {
  const answer = (second) => (request, response, number) => {
    if (number === 2) second(response)
    else response.writeHead(200, { 'cache-control': 'max-age=60, stale-while-revalidate=60', etag: '"a"' }).end(`answer ${number}`)
  }

  for (const [name, second, text] of [
    ['by a new one', (response) => response.writeHead(200, { 'cache-control': 'max-age=60' }).end('new'), 'new'],
    ['by a 304', (response) => response.writeHead(304, { 'cache-control': 'max-age=60', 'x-new': '1' }).end(), 'answer 1']
  ]) {
    test(`answers with the stale one, which is renewed in the background ${name}`, async (context) => {
      let renewed
      const done = new Promise((resolve) => { renewed = resolve })
      let count = 0
      const store = telling(() => { if (++count === 2) renewed() })
      const { asked, get, tick } = await cached(context, { answer: answer(second), options: { store } })
      await get()
      tick(61)
      const stale = await get()
      assert.deepStrictEqual([stale.text, stale.headers.warning], ['answer 1', '110 - "response is stale"'])
      await done
      const fresh = await get()
      assert.deepStrictEqual([fresh.text, fresh.headers.warning, fresh.headers.age], [text, undefined, '0'])
      assert.strictEqual(asked.length, 2)
    })
  }

  test('is over at its end', async (context) => {
    const { texts, tick } = await cached(context, { answer: answer((response) => response.end('new')) })
    await texts({})
    tick(121)
    assert.deepStrictEqual(await texts({}), ['new'])
  })
})

for (const [name, make] of Object.entries({
  Client: (origin) => new Client(origin),
  Pool: (origin) => new Pool(origin)
})) {
  test(`a ${name} need not be told the origin, and no other one is answered`, async (context) => {
    const { asked, texts } = await cached(context, { make })
    await texts({ origin: undefined }, {})
    assert.strictEqual(asked.length, 1)
  })
}

test('a BalancedPool has no one origin, and nothing is kept', async (context) => {
  const { asked, texts } = await cached(context, { make: (origin) => new BalancedPool(origin) })
  await texts({}, { origin: undefined })
  assert.strictEqual(asked.length, 2)
})

for (const [origins, isKept] of [
  [[/^http:\/\/127/g], true], [[/other/], false], [['http://other'], false], [[], false]
]) {
  test(`origins ${origins} ${isKept ? 'let' : 'do not let'} a response be kept`, async (context) => {
    const { asked, texts } = await cached(context, { options: { origins } })
    await texts({}, {}, {})
    assert.strictEqual(asked.length, isKept ? 1 : 3)
  })
}

for (const [options, message] of [
  [null, 'expected type of opts to be an Object, got null'],
  [1, 'expected type of opts to be an Object, got number'],
  [{ store: null }, 'expected type of opts.store to be a CacheStore, got null'],
  [{ store: 'a' }, 'expected type of opts.store to be a CacheStore, got string'],
  [{ store: { get () {} } }, 'opts.store needs to have a `createWriteStream()` function'],
  [{ methods: 'GET' }, 'expected type of opts.methods needs to be an array, got string'],
  [{ methods: [] }, 'opts.methods needs to have at least one method'],
  [{ methods: ['POST'] }, 'element of opts.methods-array needs to be one of following values: GET, HEAD, OPTIONS, TRACE, got POST'],
  [{ origins: 'a' }, 'expected opts.origins to be an array or undefined, got string'],
  [{ origins: [1] }, 'expected opts.origins[0] to be a string or RegExp, got number'],
  [{ cacheByDefault: '1' }, 'expected opts.cacheByDefault to be number or undefined, got string'],
  [{ type: 'public' }, 'expected opts.type to be shared, private, or undefined, got string']
]) {
  test(`options are refused: ${message}`, () => {
    assert.throws(() => interceptors.cache(options), { name: 'TypeError', message })
  })
}

describe('a request is ended by its user', () => {
  const answer = (hang) => (request, response, number) => {
    if (number === 1) response.writeHead(200, { 'cache-control': 'max-age=60, stale-if-error=600', etag: '"a"' }).end('kept')
    else hang(request)
  }

  test('while its server is asked, and hears that at once and nothing else', async (context) => {
    const aborter = new AbortController()
    let gone
    const closed = new Promise((resolve) => { gone = resolve })
    const { get, tick } = await cached(context, {
      answer: answer((request) => {
        request.socket.on('close', gone)
        aborter.abort(new Error('enough'))
      })
    })
    await get()
    tick(61)
    await assert.rejects(get({ signal: aborter.signal }), { message: 'enough' })
    await closed
  })

  test('while the store takes its time, and nothing is sent', async (context) => {
    const aborter = new AbortController()
    let give
    const store = { get: () => new Promise((resolve) => { give = resolve }), createWriteStream () {}, delete () {} }
    const { asked, request } = await cached(context, { options: { store } })
    const outcome = request({ signal: aborter.signal })
    aborter.abort(new Error('enough'))
    await assert.rejects(outcome, { message: 'enough' })
    give(undefined)
    const other = request()
    give(undefined)
    await (await other).body.dump()
    assert.strictEqual(asked.length, 1)
  })

  test('while a kept response is read', async (context) => {
    const aborter = new AbortController()
    const { get, request } = await cached(context)
    await get()
    const { body } = await request({ signal: aborter.signal })
    aborter.abort(new Error('enough'))
    await assert.rejects(body.text(), { message: 'enough' })
  })
})

test('dispatch says that more may come, whoever answers', async (context) => {
  const { dispatcher, origin } = await cached(context)
  for (let count = 0; count < 2; count++) {
    const { handler, done } = hearing(2)
    assert.strictEqual(dispatcher.dispatch({ origin, path: '/', method: 'GET' }, handler), true)
    assert.deepStrictEqual(await done, ['start', 'head 200', 'data answer 1', 'end'])
  }
})

test('each call is answered by a kept response', async (context) => {
  const { asked, dispatcher, origin, get } = await cached(context)
  await get()
  const chunks = []
  const sink = () => new Writable({ write (chunk, encoding, callback) { chunks.push(String(chunk)); callback() } })
  await dispatcher.stream({ origin, path: '/', method: 'GET' }, sink)
  await pipeline(dispatcher.pipeline({ origin, path: '/', method: 'GET' }, ({ body }) => body).end(), sink())
  assert.deepStrictEqual([chunks, asked.length], [['answer 1', 'answer 1'], 1])
})

test('Node.js\'s own fetch is answered by a kept response', async (context) => {
  const { asked, dispatcher, origin } = await cached(context)
  const answers = []
  for (let count = 0; count < 2; count++) {
    const response = await fetch(origin, { dispatcher })
    answers.push([await response.text(), response.headers.get('age')])
  }
  assert.deepStrictEqual([answers, asked.length], [[['answer 1', null], ['answer 1', '0']], 1])
})

test('a request with upgrade is not answered by a kept response', async (context) => {
  const { asked, get, dispatcher, origin } = await cached(context)
  await get()
  await assert.rejects(dispatcher.upgrade({ origin, path: '/' }))
  assert.strictEqual(asked.length, 2)
})

test('a body that is read once is sent without a validation', async (context) => {
  const { asked, get, tick } = await cached(context)
  await get()
  tick(61)
  await get({ body: (async function * () { yield 'a' })() })
  assert.strictEqual(asked[1].headers['if-modified-since'], undefined)
})

test('a body that is not needed is destroyed', async (context) => {
  const { get } = await cached(context)
  await get()
  const body = new Readable({ read () {} })
  await get({ body })
  assert.ok(body.destroyed)
})

test('a response behind a redirect is kept under the first URL', async (context) => {
  const asked = []
  const origin = await serve(context, (request, response) => {
    asked.push(request.url)
    if (request.url === '/') response.writeHead(302, { location: '/end', 'cache-control': 'max-age=60' }).end()
    else response.writeHead(200, { 'cache-control': 'max-age=60' }).end('end')
  })
  const agent = keep(context, new Agent()).compose(interceptors.redirect({ maxRedirections: 1 }), interceptors.cache())
  for (let count = 0; count < 2; count++) {
    const { body } = await agent.request({ origin, path: '/', method: 'GET' })
    assert.strictEqual(await body.text(), 'end')
  }
  assert.deepStrictEqual(asked, ['/', '/end'])
})
