'use strict'

// What stands behind an interceptor sees of a request: its fields in the form in which they were given, its body as
// often as it can be read. Interceptors of users stand there.

const assert = require('node:assert')
const { describe, test } = require('node:test')

const packages = { dodici: require('../../index.js') }
try {
  packages.undici8 = require('undici8')
} catch {
  // It needs a newer Node than we do.
}

/** Sends one request through an interceptor; each attempt is answered by the next of `answers`. Gives what was asked for. */
async function asked (interceptor, options, answers) {
  const seen = []
  await new Promise((resolve) => {
    const dispatch = (request, handler) => {
      const [statusCode, headers, content, error] = answers[seen.length]
      seen.push(request)
      const controller = { pause () {}, resume () {}, abort () {}, aborted: false, paused: false, rawHeaders: [], rawTrailers: [] }
      setImmediate(async () => {
        const chunks = []
        for await (const chunk of request.body ?? []) chunks.push(chunk)
        handler.onRequestStart(controller, {})
        handler.onResponseStart(controller, statusCode, headers, '')
        if (content) handler.onResponseData(controller, Buffer.from(content))
        if (error) handler.onResponseError(controller, error)
        else handler.onResponseEnd(controller, {})
      })
      return true
    }
    interceptor(dispatch)({ origin: 'http://a.test', path: '/', method: 'GET', ...options }, {
      onRequestStart () {},
      onResponseStart () {},
      onResponseData () {},
      onResponseEnd: resolve,
      onResponseError: resolve
    })
  })
  return seen
}

const broken = [200, { 'content-length': '6', etag: '"a"' }, 'abc', Object.assign(new Error('gone'), { code: 'ECONNRESET' })]
const rest = [206, { 'content-range': 'bytes 3-5/6', etag: '"a"' }, 'def']
const range = { range: 'bytes=3-5', 'if-match': '"a"' }
const quick = { minTimeout: 1, maxTimeout: 1 }
const lookup = (origin, options, callback) => callback(null, [{ address: '192.0.2.1', family: 4 }])

for (const [name, { interceptors, DecoratorHandler }] of Object.entries(packages)) {
  describe(name, () => {
    for (const [form, headers, resumed] of [
      ['none', undefined, range],
      ['an object', { A: '1', Range: 'x', 'If-Match': 'y' }, { A: '1', ...range }],
      ['a list', ['A', '1', 'RANGE', 'x'], ['A', '1', ...Object.entries(range).flat()]],
      ['a Map', new Map([['A', '1']]), ['A', '1', ...Object.entries(range).flat()]]
    ]) {
      test(`fields are asked for again with a range as they were given: ${form}`, async () => {
        const seen = await asked(interceptors.retry(quick), { headers }, [broken, rest])
        assert.strictEqual(seen[0].headers, headers)
        assert.deepStrictEqual(seen[1].headers, resumed)
      })
    }

    for (const [form, headers, told] of [
      ['none', undefined, { host: 'a.test' }],
      ['an object', { A: '1' }, { host: 'a.test', A: '1' }],
      ['an object with a host', { Host: 'b.test' }, { Host: 'b.test' }],
      ['a list', ['A', '1'], ['host', 'a.test', 'A', '1']],
      ['pairs', [['A', '1']], ['host', 'a.test', 'A', '1']],
      ['a Map', new Map([['A', '1']]), ['host', 'a.test', 'A', '1']]
    ]) {
      test(`fields get their host as they were given: ${form}`, async () => {
        const [{ headers: seen }] = await asked(interceptors.dns({ lookup }), { headers }, [[200, {}]])
        assert.deepStrictEqual(seen, told)
      })
    }

    test('the options of a request are not touched before it has to be sent again', async () => {
      const options = { origin: 'http://a.test', path: '/', method: 'GET' }
      const seen = []
      interceptors.retry(quick)((request) => seen.push(Object.keys(request)))(options, { onRequestStart () {}, onResponseError () {} })
      assert.deepStrictEqual(seen, [Object.keys(options)])
    })

    for (const [form, body] of [
      ['a list', ['a', 'b']],
      ['a Set', new Set(['a', 'b'])],
      ['what makes a generator', { async * [Symbol.asyncIterator] () { yield 'a' } }]
    ]) {
      test(`a body that can be read again is sent again: ${form}`, async () => {
        const redirected = await asked(interceptors.redirect({ maxRedirections: 1 }), { method: 'PUT', body }, [[307, { location: '/b' }], [200, {}]])
        assert.deepStrictEqual(redirected.map(({ path }) => path), ['/', '/b'])
        assert.strictEqual(redirected[0].body, body)
        const retried = await asked(interceptors.retry(quick), { method: 'PUT', body }, [[503, {}, '', Object.assign(new Error(), { code: 'ECONNRESET' })], [200, {}]])
        assert.strictEqual(retried.length, 2)
      })
    }

    test('a DecoratorHandler serves a handler that hears a part of the response alone', () => {
      const heard = []
      const decorator = new DecoratorHandler({ onResponseData: (controller, chunk) => heard.push(String(chunk)) })
      decorator.onRequestStart({}, {})
      decorator.onResponseStart({}, 200, {}, 'OK')
      decorator.onResponseData({}, Buffer.from('a'))
      decorator.onResponseError({}, new Error('nobody hears it'))
      assert.deepStrictEqual(heard, ['a'])
    })
  })
}
