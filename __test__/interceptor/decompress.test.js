'use strict'

// The decompress interceptor where more than what is heard matters: what is held while a reader is slow, the fields, and
// the end of an exchange in its midst.

const assert = require('node:assert')
const { describe, test } = require('node:test')
const zlib = require('node:zlib')
const { serve, keep, hearing } = require('../handler/server.js')
const { Agent, interceptors } = require('../../index.js')

const MIB = 1024 * 1024
const bomb = zlib.gzipSync(Buffer.alloc(64 * MIB))
const compressed = (coding, content) => (request, response) => response.writeHead(200, { 'Content-Encoding': coding, 'Content-Length': content.length, 'X-A': 'b' }).end(content)
const agentFor = (context, options) => keep(context, new Agent()).compose(interceptors.decompress(options))

for (const [coding, content] of [['gzip', bomb], ['gzip, gzip', zlib.gzipSync(bomb)], ['deflate', zlib.deflateRawSync(Buffer.alloc(64 * MIB))]]) {
  for (const generation of [1, 2]) {
    test(`a small content that becomes a large one (${coding}) stays small until it is read by a handler of generation ${generation}`, async (context) => {
      const origin = await serve(context, compressed(coding, content))
      let length = 0
      let stopped
      const stop = new Promise((resolve) => { stopped = resolve })
      let resume
      const take = (chunk) => {
        length += chunk.length
        return length === chunk.length
      }
      const { handler, done } = hearing(generation, generation === 1
        ? {
            onHeaders (statusCode, fields, continues) { resume = continues; return true },
            onData (chunk) { if (take(chunk)) { stopped(); return false } return true }
          }
        : {
            onResponseStart (controller) { resume = () => controller.resume() },
            onResponseData (controller, chunk) { if (take(chunk)) { controller.pause(); stopped() } }
          })
      const agent = agentFor(context)
      // What the bridge to the engine has for all contents is there before.
      await agent.request({ origin, path: '/', method: 'GET' }).then(({ body }) => body.dump({ limit: Infinity }))
      const before = process.memoryUsage().arrayBuffers
      agent.dispatch({ origin, path: '/', method: 'GET' }, handler)
      await stop
      for (let turn = 0; turn < 50; turn++) {
        await new Promise(setImmediate)
      }
      assert.ok(length <= 64 * 1024, `${length} octets`)
      const held = process.memoryUsage().arrayBuffers - before
      assert.ok(held < 4 * MIB, `${held} octets are held`)
      resume()
      await done
      assert.strictEqual(length, 64 * MIB)
    })
  }
}

describe('the fields of a content that is undone', () => {
  for (const generation of [1, 2]) {
    test(`say nothing of its coding and its length to a handler of generation ${generation}`, async (context) => {
      const origin = await serve(context, compressed('gzip', zlib.gzipSync('x')))
      let names
      const keepNames = (fields) => { names = fields.filter((field, index) => index % 2 === 0).map((name) => name.toString().toLowerCase()) }
      const { handler, done } = hearing(generation, generation === 1
        ? { onHeaders (statusCode, fields) { keepNames(fields); return true } }
        : { onResponseStart (controller, statusCode, headers) { keepNames(controller.rawHeaders); assert.deepStrictEqual(Object.keys(headers), names) } })
      agentFor(context).dispatch({ origin, path: '/', method: 'GET' }, handler)
      assert.strictEqual((await done).at(-1), 'end')
      assert.deepStrictEqual(names, ['x-a', 'date', 'connection', 'keep-alive'])
    })
  }

  test('are undone for request()', async (context) => {
    const origin = await serve(context, compressed('gzip', zlib.gzipSync('{"a":1}')))
    const { headers, body } = await agentFor(context).request({ origin, path: '/', method: 'GET' })
    assert.deepStrictEqual([headers['content-encoding'], headers['content-length'], headers['x-a'], await body.json()], [undefined, undefined, 'b', { a: 1 }])
  })
})

test('an abort in the midst of a content is heard', async (context) => {
  const origin = await serve(context, compressed('gzip', bomb))
  const { handler, done } = hearing(2, { onResponseData (controller) { controller.abort(new Error('enough')) } })
  agentFor(context).dispatch({ origin, path: '/', method: 'GET' }, handler)
  assert.deepStrictEqual(await done, ['start', 'head 200', 'error enough'])
})

test('a handler that throws ends its own response', async (context) => {
  const origin = await serve(context, compressed('gzip', bomb))
  const { handler, done } = hearing(2, { onResponseData () { throw new Error('mine') } })
  agentFor(context).dispatch({ origin, path: '/', method: 'GET' }, handler)
  assert.deepStrictEqual(await done, ['start', 'head 200', 'error mine'])
})

test('an abort of what is left to be read after the exchange is over is heard', async (context) => {
  const origin = await serve(context, compressed('gzip', zlib.gzipSync(Buffer.alloc(MIB))))
  const aborter = new AbortController()
  const { body } = await agentFor(context).request({ origin, path: '/', method: 'GET', signal: aborter.signal, highWaterMark: 1024 })
  await assert.rejects(async () => {
    for await (const chunk of body) {
      assert.ok(chunk.length > 0)
      aborter.abort(new Error('enough'))
    }
  }, { message: 'enough' })
})

test('maxSize is a whole number', () => {
  for (const maxSize of [-1, 1.5, '1', NaN]) {
    assert.throws(() => interceptors.decompress({ maxSize }), { code: 'UND_ERR_INVALID_ARG', message: 'maxSize must be a non-negative integer' })
  }
})

test('an abort while the content of a response that is over is decoded is one', async () => {
  const target = { pause () {}, resume () {}, abort () {}, aborted: false, paused: false, reason: null, rawHeaders: [] }
  const dispatch = (options, handler) => {
    handler.onRequestStart(target, {})
    handler.onResponseStart(target, 200, { 'content-encoding': 'gzip' }, 'OK')
    handler.onResponseData(target, zlib.gzipSync('a'.repeat(100_000)))
    handler.onResponseEnd(target, {})
  }
  const seen = await new Promise((resolve) => {
    let state
    interceptors.decompress()(dispatch)({ origin: 'http://a.test', path: '/', method: 'GET' }, {
      onRequestStart () {},
      onResponseStart () {},
      onResponseData (controller) {
        controller.abort(new Error('enough'))
        state = [controller.aborted, controller.reason.message]
      },
      onResponseEnd: () => resolve('end'),
      onResponseError: (controller, error) => setImmediate(() => resolve([error.message, ...state]))
    })
  })
  assert.deepStrictEqual(seen, ['enough', true, 'enough'])
})
