'use strict'

// `caches` over Node's Request and Response: what each row says is seen here and with undici, except with the one of which it
// says why not.

const assert = require('node:assert')
const { createServer } = require('node:http')
const { once } = require('node:events')
const { after, before, describe, test } = require('node:test')
const dodici = require('../../index.js')

function load (name) {
  try {
    return require(name)
  } catch {
    // undici 8 needs a newer Node than we do.
    return null
  }
}

const theirs = { 'undici 7': load('undici7'), 'undici 8': load('undici8') }

let server
let origin
before(async () => {
  server = createServer((request, response) => {
    const { searchParams, pathname } = new URL(request.url, 'http://localhost')
    if (pathname === '/moved') {
      response.writeHead(302, { location: '/end' }).end()
      return
    }
    if (searchParams.has('break')) {
      response.writeHead(200, { 'content-length': 100 }).write('broken')
      setImmediate(() => response.destroy())
      return
    }
    response.writeHead(Number(searchParams.get('status') ?? 200), { 'x-a': '1', ...(searchParams.has('vary') ? { vary: searchParams.get('vary') } : {}) })
    response.end(`${pathname} ${request.headers['x-asked'] ?? '-'}`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${server.address().port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

const A = 'http://a.test/'
const failing = (promise) => promise.then(() => 'no error', ({ name, message }) => `${name}: ${message}`)
const failingName = (promise) => promise.then(() => 'no error', ({ name }) => name)
const text = (response) => response === undefined ? undefined : response.text()
const texts = (responses) => Promise.all(responses.map((response) => response.text()))
const urls = (requests) => requests.map(({ url }) => url)

/** A cache with a response for each URL, which says it. */
async function filled ({ cache, Response }, ...all) {
  for (const url of all) await cache.put(url, new Response(url))
}

const rows = [
  {
    name: 'what was put is found, any number of times, with all that it was',
    async play ({ cache, Response }) {
      await cache.put(A, new Response('hello', { status: 201, statusText: 'Made', headers: [['x-a', '1'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']] }))
      const seen = []
      for (let count = 0; count < 3; count++) {
        const response = await cache.match(A)
        seen.push([response.status, response.statusText, response.ok, response.type, response.url, response.redirected, [...response.headers], response instanceof Response, await response.text()])
      }
      return seen
    },
    sees: Array(3).fill([201, 'Made', true, 'default', '', false, [['content-type', 'text/plain;charset=UTF-8'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-a', '1']], true, 'hello'])
  },
  {
    name: 'what is not there is undefined',
    play: async ({ cache }) => [await cache.match(A), await cache.matchAll(A), await cache.keys(A), await cache.delete(A)],
    sees: [undefined, [], [], false]
  },
  {
    name: 'a response without content has none',
    async play ({ cache, Response }) {
      await cache.put(A, new Response(null, { status: 204 }))
      const { status, body } = await cache.match(A)
      return [status, body]
    },
    sees: [204, null]
  },
  {
    name: 'one that is put is read to its end; what is found cannot be changed, and can be cloned',
    async play ({ cache, Response }) {
      const response = new Response('hello')
      await cache.put(A, response)
      const found = await cache.match(A)
      const clone = found.clone()
      const change = await failing((async () => found.headers.set('a', 'b'))())
      return [response.bodyUsed, change, await found.text(), await clone.text(), clone instanceof Response]
    },
    sees: [true, 'TypeError: immutable', 'hello', 'hello', true]
  },
  {
    name: 'a response from the network keeps its URL',
    async play ({ cache, origin, fetch, Response }) {
      await cache.put(A, await fetch(`${origin}/moved`))
      const found = await cache.match(A)
      const { url, redirected, type } = found.clone()
      return [url.replace(origin, ''), redirected, type, found.constructor === Response, await found.text()]
    },
    sees: ['/end', true, 'basic', true, '/end -']
  },
  {
    name: 'an error is an error again',
    async play ({ cache, Response }) {
      await cache.put(A, Response.error())
      const { type, status } = await cache.match(A)
      return [type, status]
    },
    sees: ['error', 0]
  },
  {
    name: 'the later one for a URL takes the place of the earlier',
    async play (one) {
      await filled(one, `${A}1`, `${A}2`)
      await one.cache.put(`${A}1`, new one.Response('new'))
      return [urls(await one.cache.keys()), await texts(await one.cache.matchAll()), await texts(await one.cache.matchAll(`${A}1`))]
    },
    sees: [[`${A}2`, `${A}1`], [`${A}2`, 'new'], ['new']]
  },
  {
    name: 'a fragment does not count, a query does unless it is ignored',
    async play (one) {
      await filled(one, `${A}?a=1#one`, `${A}?a=2`)
      const { cache } = one
      return [
        await text(await cache.match(`${A}?a=1#two`)), await text(await cache.match(A)), await text(await cache.match(A, { ignoreSearch: true })),
        await texts(await cache.matchAll(`${A}?b`, { ignoreSearch: true })), urls(await cache.keys(`${A}?b`, { ignoreSearch: true }))
      ]
    },
    sees: [`${A}?a=1#one`, undefined, `${A}?a=1#one`, [`${A}?a=1#one`, `${A}?a=2`], [`${A}?a=1#one`, `${A}?a=2`]]
  },
  {
    name: 'another method finds nothing unless methods are ignored',
    async play (one) {
      await filled(one, A)
      const { cache, Request } = one
      const request = new Request(A, { method: 'POST', body: 'a' })
      const options = { ignoreMethod: true }
      return [
        await text(await cache.match(request)), await text(await cache.match(request, options)), (await cache.matchAll(request)).length, (await cache.keys(request)).length,
        (await cache.keys(request, options)).length, await cache.delete(request), await cache.delete(request, options)
      ]
    },
    sees: [undefined, A, 0, 0, 1, false, true]
  },
  {
    name: 'vary tells requests apart unless it is ignored',
    async play ({ cache, Request, Response }) {
      const ask = (headers) => new Request(A, { headers })
      await cache.put(ask({ 'accept-language': 'it' }), new Response('ciao', { headers: { vary: 'Accept-Language, x' } }))
      await cache.put(ask({ 'accept-language': 'de' }), new Response('hallo', { headers: { vary: 'Accept-Language, x' } }))
      return [
        await text(await cache.match(ask({ 'accept-language': 'de' }))), await text(await cache.match(ask({ 'accept-language': 'it' }))), await text(await cache.match(A)),
        await text(await cache.match(ask({ 'accept-language': 'it', x: '1' }))), await texts(await cache.matchAll(A, { ignoreVary: true })), await cache.delete(A), await cache.delete(ask({ 'accept-language': 'it' })), await texts(await cache.matchAll())
      ]
    },
    sees: ['hallo', 'ciao', undefined, undefined, ['ciao', 'hallo'], false, true, ['hallo']]
  },
  {
    name: 'delete takes all that match',
    async play (one) {
      await filled(one, `${A}?1`, `${A}?2`, `${A}b`)
      return [await one.cache.delete(A), await one.cache.delete(A, { ignoreSearch: true }), urls(await one.cache.keys())]
    },
    sees: [false, true, [`${A}b`]]
  },
  {
    name: 'keys are requests as they were given, which nobody changes',
    async play ({ cache, Request, Response }) {
      const signal = AbortSignal.abort()
      const given = new Request(A, { headers: { 'x-a': '1' }, credentials: 'omit', redirect: 'manual', signal })
      await cache.put(given, new Response('a'))
      const [key] = await cache.keys()
      return [key instanceof Request, key !== given, key.url, key.method, [...key.headers], key.credentials, key.redirect, key.signal.aborted, await failing((async () => key.headers.set('a', 'b'))())]
    },
    sees: [true, true, A, 'GET', [['x-a', '1']], 'omit', 'manual', false, 'TypeError: immutable']
  },
  {
    name: 'lists are frozen',
    async play (one) {
      await filled(one, A)
      return [Object.isFrozen(await one.cache.matchAll()), Object.isFrozen(await one.cache.keys())]
    },
    sees: [true, true]
  },
  {
    name: 'what cannot be put',
    async play ({ cache, Request, Response }) {
      const read = new Response('a')
      await read.text()
      const locked = new Response('a')
      locked.body.getReader()
      return [
        await failing(cache.put(new Request(A, { method: 'POST' }), new Response('a'))),
        await failing(cache.put('ftp://a.test/', new Response('a'))),
        await failing(cache.put(A, new Response('a', { status: 206 }))),
        await failing(cache.put(A, new Response('a', { headers: { vary: 'a, *' } }))),
        await failing(cache.put(A, read)),
        await failing(cache.put(A, locked)),
        await failingName(cache.put(A, 'a')),
        await failingName(cache.put(A)),
        await failingName(cache.put('no url', new Response('a'))),
        await failingName(cache.put(A, new Response(new ReadableStream({ pull () { throw new RangeError('broken') } })))),
        (await cache.keys()).length
      ]
    },
    sees: [
      'TypeError: Cache.put: Expected an http/s scheme when method is not GET', 'TypeError: Cache.put: Expected an http/s scheme when method is not GET',
      'TypeError: Cache.put: Got 206 status', 'TypeError: Cache.put: Got * vary field value',
      'TypeError: Cache.put: Response body is locked or disturbed', 'TypeError: Cache.put: Response body is locked or disturbed',
      'TypeError', 'TypeError', 'TypeError', 'RangeError', 0
    ]
  },
  {
    name: 'arguments that are missing or of another kind',
    async play ({ cache, caches }) {
      const calls = [
        () => cache.match(), () => cache.add(), () => cache.addAll(), () => cache.delete(), () => caches.match(), () => caches.has(), () => caches.open(), () => caches.delete(),
        () => cache.match('no url'), () => cache.match(A, 1), () => cache.match(Symbol('a')), () => cache.addAll(1), () => cache.addAll([undefined]), () => caches.open(Symbol('a')),
        () => cache.match.call({}, A), () => caches.keys.call({}), async () => new cache.constructor(), async () => new caches.constructor()
      ]
      return Promise.all(calls.map((call) => failingName(call())))
    },
    sees: Array(18).fill('TypeError')
  },
  {
    name: 'add and addAll ask for what they keep',
    async play ({ cache, Request, origin }) {
      const added = await cache.add(`${origin}/one`)
      const all = await cache.addAll([`${origin}/two`, new Request(`${origin}/three`, { headers: { 'x-asked': 'yes' } })])
      const { status, headers } = await cache.match(`${origin}/one`)
      return [added, all, await texts(await cache.matchAll()), status, headers.get('x-a'), await cache.addAll([])]
    },
    sees: [undefined, undefined, ['/one -', '/two -', '/three yes'], 200, '1', undefined],
    notWith: { 'undici 7': 'it waits for ever', 'undici 8': 'it cannot give out what it has added' }
  },
  {
    name: 'addAll keeps all or nothing',
    async play ({ cache, Request, origin }) {
      const fails = [
        await failing(cache.addAll([`${origin}/a`, `${origin}/b?status=404`])),
        await failing(cache.addAll([`${origin}/a`, `${origin}/b?status=206`])),
        await failing(cache.addAll([`${origin}/a`, `${origin}/b?vary=*`])),
        await failing(cache.addAll([`${origin}/a`, 'http://127.0.0.1:1/'])),
        await failing(cache.addAll([`${origin}/a`, new Request(`${origin}/b`, { method: 'POST' })])),
        await failing(cache.addAll([`${origin}/a`, 'data:,a'])),
        await failingName(cache.addAll([`${origin}/a`, `${origin}/a#b`])),
        await failingName(cache.addAll([`${origin}/a`, 'no url']))
      ]
      return [fails, urls(await cache.keys())]
    },
    sees: [[
      'TypeError: Cache.addAll: Received an invalid status code or the request failed.', 'TypeError: Cache.addAll: Received an invalid status code or the request failed.',
      'TypeError: Cache.addAll: invalid vary field value', 'TypeError: Cache.addAll: Received an invalid status code or the request failed.',
      'TypeError: Cache.addAll: Expected http/s scheme when method is not GET.', 'TypeError: Cache.addAll: Expected http/s scheme.', 'InvalidStateError', 'TypeError'
    ], []],
    notWith: { 'undici 7': 'it waits for ever' }
  },
  {
    name: 'a content that breaks off is not kept',
    async play ({ cache, origin }) {
      return [await failingName(cache.add(`${origin}/?break`)), (await cache.keys()).length]
    },
    sees: ['TypeError', 0],
    notWith: { 'undici 7': 'it waits for ever', 'undici 8': 'it waits for ever' }
  },
  {
    name: 'a storage knows its caches by name; those of one name are the same',
    async play ({ caches, Response }) {
      const first = await caches.open('first')
      const again = await caches.open('first')
      await first.put(A, new Response('a'))
      const known = [await caches.has('first'), await caches.has('second'), first === again, await text(await again.match(A))]
      await caches.open('second')
      const names = (await caches.keys()).filter((name) => ['first', 'second'].includes(name))
      const gone = [await caches.delete('first'), await caches.delete('first'), await caches.has('first'), await text(await first.match(A)), await text(await (await caches.open('first')).match(A))]
      await Promise.all([caches.delete('first'), caches.delete('second')])
      return [known, names, gone]
    },
    sees: [[true, false, false, 'a'], ['first', 'second'], [true, false, false, 'a', undefined]]
  },
  {
    name: 'a storage looks into all of them, or into the one that is named',
    async play ({ caches, Response }) {
      await (await caches.open('x')).put(A, new Response('in x'))
      await (await caches.open('y')).put(A, new Response('in y'))
      await (await caches.open('y')).put(`${A}y?a`, new Response('y alone'))
      const found = [
        await text(await caches.match(A)), await text(await caches.match(A, { cacheName: 'y' })), await text(await caches.match(A, { cacheName: 'z' })),
        await text(await caches.match(`${A}y`)), await text(await caches.match(`${A}y`, { ignoreSearch: true })), await caches.has('z')
      ]
      await Promise.all([caches.delete('x'), caches.delete('y')])
      return found
    },
    sees: ['in x', 'in y', undefined, undefined, 'y alone', false]
  },
  {
    name: 'its shape',
    async play ({ cache, caches }) {
      const shape = (object) => {
        const prototype = Object.getPrototypeOf(object)
        return [Object.prototype.toString.call(object), prototype.constructor.name, ...Object.keys(prototype).map((name) => `${name} ${prototype[name].length}`).sort()]
      }
      return [shape(cache), shape(caches)]
    },
    sees: [
      ['[object Cache]', 'Cache', 'add 1', 'addAll 1', 'delete 1', 'keys 0', 'match 1', 'matchAll 0', 'put 2'],
      ['[object CacheStorage]', 'CacheStorage', 'delete 1', 'has 1', 'keys 0', 'match 1', 'open 1']
    ]
  }
]

async function play (row, { caches, Request, Response, fetch }) {
  const cache = await caches.open(row.name)
  try {
    return await row.play({ cache, caches, Request, Response, fetch, origin })
  } finally {
    await caches.delete(row.name)
  }
}

describe('caches', () => {
  for (const row of rows) {
    test(row.name, async () => {
      assert.deepStrictEqual(await play(row, dodici), row.sees)
    })
    for (const [name, library] of Object.entries(theirs)) {
      if (library !== null && row.notWith?.[name] === undefined) {
        test(`${row.name}: so does ${name}`, async () => {
          assert.deepStrictEqual(await play(row, library), row.sees)
        })
      }
    }
  }
})

test('add goes over the dispatcher of the process, as fetch does', async (context) => {
  const agent = new dodici.MockAgent()
  agent.get('http://a.test').intercept({ path: '/' }).reply(200, 'mocked')
  const before = dodici.getGlobalDispatcher()
  dodici.setGlobalDispatcher(agent)
  context.after(async () => {
    dodici.setGlobalDispatcher(before)
    await agent.close()
  })
  const cache = await dodici.caches.open('mocked')
  await cache.add('http://a.test/')
  assert.strictEqual(await (await cache.match('http://a.test/')).text(), 'mocked')
  await dodici.caches.delete('mocked')
})
