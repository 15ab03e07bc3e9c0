'use strict'

// The body of a response in the hands of its user: what our BodyReadable shows is what undici's shows, but
// for the tests at the end.

const { test } = require('node:test')
const assert = require('node:assert')
const { PassThrough, finished, pipeline } = require('node:stream')
const { AsyncLocalStorage } = require('node:async_hooks')
const { ours, reference, trace, respond, pause, quiet, said } = require('./stand-in')

const get = { path: '/', method: 'GET' }
const events = ['end', 'error', 'close', 'pause', 'resume']

// Logs every event of a body.
const watch = (body, log, names = events) => {
  for (const name of names) {
    body.on(name, (value) => log(name, value === undefined ? '' : said(value)))
  }
}

const state = (body) => {
  const { bodyUsed, readableEnded, destroyed, closed, readableDidRead, errored, readable } = body
  return { bodyUsed, readableEnded, destroyed, closed, readableDidRead, errored: said(errored), readable }
}

const whole = ['Hel', 'lo', null]
const slow = ['Hel', pause, 'lo', pause, null]
const settle = (promise, log) => promise.then(
  (value) => log('resolved', value instanceof Uint8Array || value instanceof ArrayBuffer
    ? `${value.constructor.name} ${Buffer.from(value)}`
    : value ?? `${value}`),
  (error) => log('rejected', said(error))
)

// A scenario: what the server sends, and what the user does with the body.
const scenarios = {
  'text() of a body that is there': [whole, async (body, log) => {
    await quiet()
    await settle(body.text(), log)
    await quiet()
    log(state(body))
  }],
  'text() of a body that comes slowly': [slow, async (body, log) => {
    await settle(body.text(), log)
  }],
  'text() of an empty body': [[null], async (body, log) => {
    await settle(body.text(), log)
  }],
  'text() leaves a byte order mark out': [[Buffer.from('\ufeffa'), null], async (body, log) => settle(body.text(), log)],
  'text() of octets that are no UTF-8': [[Buffer.from([0x61, 0xff, 0xe2, 0x82]), null], async (body, log) => settle(body.text(), log)],
  'text() of characters in pieces': [[Buffer.from([0xe2]), pause, Buffer.from([0x82, 0xac]), null], async (body, log) => settle(body.text(), log)],
  'json()': [['{"a":', '1}', null], async (body, log) => settle(body.json(), log)],
  'json() of what is none': [['{', null], async (body, log) => {
    watch(body, log)
    await settle(body.json(), log)
    await quiet()
    log(state(body))
  }],
  'json() of nothing': [[null], async (body, log) => settle(body.json(), log)],
  'bytes()': [whole, async (body, log) => settle(body.bytes(), log)],
  'bytes() of nothing': [[null], async (body, log) => settle(body.bytes(), log)],
  'arrayBuffer()': [slow, async (body, log) => settle(body.arrayBuffer(), log)],
  'blob()': [whole, async (body, log) => {
    const blob = await body.blob()
    log(blob.type, blob.size, await blob.text())
  }],
  'formData() is not supported': [whole, async (body, log) => {
    await settle(body.formData(), log)
    await body.dump()
  }],
  'events around text()': [slow, async (body, log) => {
    watch(body, log, ['end', 'close'])
    await settle(body.text(), log)
    await quiet()
    log(state(body))
  }],
  'events around text() of a body that is there': [whole, async (body, log) => {
    await quiet()
    watch(body, log, ['end', 'close'])
    await settle(body.text(), log)
    await quiet()
    log(state(body))
  }],
  "'close' listened for after text()": [whole, async (body, log) => {
    await quiet()
    await body.text()
    body.on('close', () => log('close'))
  }],
  'finished() after text()': [whole, async (body, log) => {
    await body.text()
    finished(body, (error) => log('finished', said(error) ?? ''))
  }],
  'finished() before text()': [slow, async (body, log) => {
    finished(body, (error) => log('finished', said(error) ?? ''))
    await settle(body.text(), log)
  }],
  "'data' of a body that is there": [whole, async (body, log) => {
    await quiet()
    watch(body, log, ['end', 'close'])
    body.on('data', (chunk) => log('data', `${chunk}`, Buffer.isBuffer(chunk)))
    await quiet()
    log(state(body))
  }],
  "'data' of a body that comes slowly": [slow, async (body, log) => {
    watch(body, log, ['end', 'close'])
    body.on('data', (chunk) => log('data', `${chunk}`))
  }],
  "'data' once": [slow, async (body, log) => {
    body.once('data', (chunk) => log('data', `${chunk}`))
    await quiet()
    await body.dump()
  }],
  "'data' by prependListener": [whole, async (body, log) => {
    body.prependListener('data', (chunk) => log('data', `${chunk}`))
    body.resume()
  }],
  "'readable' and read()": [slow, async (body, log) => {
    watch(body, log, ['end', 'close'])
    body.on('readable', () => {
      for (let chunk = body.read(); chunk !== null; chunk = body.read()) {
        log('read', `${chunk}`)
      }
    })
  }],
  'read() of a body that is there': [whole, async (body, log) => {
    await quiet()
    log(`${body.read(2)}`, body.readableLength, `${body.read()}`, body.readableLength, `${body.read()}`)
    watch(body, log, ['end', 'close'])
  }],
  'an iterator': [slow, async (body, log) => {
    for await (const chunk of body) {
      log('chunk', `${chunk}`)
    }
    log(state(body))
  }],
  'an iterator that is left': [slow, async (body, log) => {
    body.on('error', (error) => log(said(error)))
    // eslint-disable-next-line no-unreachable-loop -- leaving is what is tested
    for await (const chunk of body) {
      log('chunk', `${chunk}`)
      break
    }
    await quiet()
    log(state(body))
  }],
  'pipe()': [slow, async (body, log) => {
    const sink = body.pipe(new PassThrough())
    log(await sink.setEncoding('utf8').toArray())
  }],
  'pipeline()': [whole, async (body, log) => {
    pipeline(body, new PassThrough().on('data', (chunk) => log(`${chunk}`)), (error) => log('done', said(error) ?? ''))
  }],
  'map() and toArray()': [slow, async (body, log) => {
    log(await body.map((chunk) => `<${chunk}>`).toArray())
  }],
  'resume() without a listener': [slow, async (body, log) => {
    watch(body, log, ['end', 'close'])
    body.resume()
    await quiet()
    log(state(body))
  }],
  'pause() and resume()': [slow, async (body, log) => {
    body.pause()
    watch(body, log)
    body.on('data', (chunk) => log('data', `${chunk}`))
    await quiet()
    log(body.isPaused())
    body.resume()
  }],
  'unshift()': [whole, async (body, log) => {
    await quiet()
    body.unshift(Buffer.from('>'))
    await settle(body.text(), log)
  }],
  'setEncoding() and data': [[Buffer.from([0xe2]), pause, Buffer.from([0x82, 0xac]), null], async (body, log) => {
    body.setEncoding('utf8')
    body.on('data', (chunk) => log(typeof chunk, chunk))
    await quiet()
    log(body.readableEncoding)
  }],
  'setEncoding() of a body that is there': [whole, async (body, log) => {
    await quiet()
    log(body.setEncoding('hex') === body)
    body.on('data', (chunk) => log(typeof chunk, chunk))
  }],
  'setEncoding() after data': [slow, async (body, log) => {
    body.on('data', (chunk) => log(typeof chunk, `${chunk}`))
    body.setEncoding('utf8')
  }],
  'setEncoding() and an iterator': [whole, async (body, log) => {
    for await (const chunk of body.setEncoding('latin1')) {
      log(typeof chunk, chunk)
    }
  }],
  'setEncoding() and text()': [[Buffer.from([0xe2]), pause, Buffer.from([0x82, 0xac]), null], async (body, log) => {
    body.setEncoding('latin1')
    await settle(body.text(), log)
  }],
  'setEncoding() and bytes()': [whole, async (body, log) => {
    await quiet()
    await settle(body.setEncoding('hex').bytes(), log)
  }],
  'setEncoding() of none': [whole, async (body, log) => {
    body.setEncoding('nonsense')
    log(body.readableEncoding)
    await body.dump()
  }],
  'text() after data': [slow, async (body, log) => {
    body.on('data', (chunk) => log('data', `${chunk}`))
    await quiet()
    await settle(body.text(), log)
  }],
  'data after text()': [['Hel', pause, 'lo', null], async (body, log) => {
    const text = body.text()
    body.on('data', (chunk) => log('data', `${chunk}`))
    await settle(text, log)
  }],
  "text() after 'end' of nothing": [[null], async (body, log) => {
    body.resume()
    await quiet()
    await settle(body.text(), log)
  }],
  'text() after read(0)': [slow, async (body, log) => {
    body.read(0)
    await settle(body.text(), log)
  }],
  'text() after setEncoding() and read(0)': [[Buffer.from('a€'), null], async (body, log) => {
    await quiet()
    body.setEncoding('utf8')
    body.read(0)
    await settle(body.text(), log)
  }],
  'the web stream': [slow, async (body, log) => {
    const { body: first } = body
    log(first === body.body, first.constructor.name)
    for await (const chunk of body.body) {
      log(`${Buffer.from(chunk)}`)
    }
    log(state(body))
  }],
  'the web stream after text()': [whole, async (body, log) => {
    await body.text()
    log(body.body.locked)
  }],
  'text() while the web stream is locked': [whole, async (body, log) => {
    body.body.getReader()
    await settle(body.text(), log)
  }],
  'destroy()': [['Hel', pause, null], async (body, log) => {
    watch(body, log)
    body.destroy()
    log(state(body))
    await quiet()
    log(state(body))
  }],
  'destroy() of a body that is there': [whole, async (body, log) => {
    await quiet()
    watch(body, log)
    body.destroy()
    await quiet()
    log(state(body))
  }],
  'destroy() with an error': [['Hel', pause, null], async (body, log) => {
    watch(body, log)
    body.destroy(new Error('mine'))
  }],
  'destroy() while reading': [['Hel', pause, null], async (body, log) => {
    watch(body, log)
    body.on('data', (chunk) => log(`${chunk}`))
    await null
    body.destroy()
    log(state(body))
  }],
  'destroy() during text()': [['Hel', pause, pause, null], async (body, log) => {
    const text = settle(body.text(), log)
    await null
    body.destroy()
    await text
    log(state(body))
  }],
  'text() after destroy()': [['Hel', pause, null], async (body, log) => {
    body.destroy()
    await settle(body.text(), log)
  }],
  'text() after destroy() and close': [['Hel', pause, null], async (body, log) => {
    body.on('error', () => {})
    body.destroy(new Error('mine'))
    await quiet()
    await settle(body.text(), log)
  }],
  'destroy() after text()': [whole, async (body, log) => {
    await body.text()
    watch(body, log, ['error'])
    body.destroy()
    body.destroy(new Error('late'))
  }],
  'an error from the connection during text()': [
    ['Hel', pause, ({ handler, controller }) => handler.onResponseError(controller, new Error('reset'))],
    async (body, log) => {
      await settle(body.text(), log)
      log(state(body))
    }
  ],
  'an error from the connection while reading': [
    ['Hel', pause, ({ handler, controller }) => handler.onResponseError(controller, new Error('reset'))],
    async (body, log) => {
      watch(body, log)
      body.on('data', (chunk) => log(`${chunk}`))
    }
  ],
  'an error from the connection that nobody listens for': [
    ['Hel', ({ handler, controller }) => handler.onResponseError(controller, new Error('reset'))],
    async (body, log) => {
      await quiet()
      log(state(body))
      await settle(body.text(), log)
    }
  ],
  'dump()': [slow, async (body, log) => {
    await settle(body.dump(), log)
    log(state(body))
  }],
  'dump() and its events': [slow, async (body, log) => {
    watch(body, log, ['end', 'close', 'error'])
    await settle(body.dump(), log)
  }],
  'dump() beyond its limit': [['Hello', pause, 'Hello', pause, null], async (body, log) => {
    await settle(body.dump({ limit: 6 }), log)
    log(state(body))
  }],
  'dump() of what is there beyond its limit': [['Hello', 'Hello', null], async (body, log) => {
    await quiet()
    await settle(body.dump({ limit: 6 }), log)
    log(state(body))
  }],
  'dump() with a signal': [['Hello', pause, pause, null], async (body, log) => {
    const controller = new AbortController()
    const dumped = settle(body.dump({ signal: controller.signal }), log)
    await null
    controller.abort(new Error('enough'))
    await dumped
  }],
  'dump() with a signal that aborted': [whole, async (body, log) => {
    await settle(body.dump({ signal: AbortSignal.abort(new Error('enough')) }), log)
    await body.dump()
  }],
  'dump() with a signal that is none': [whole, async (body, log) => {
    await settle(body.dump({ signal: {} }), log)
    await settle(body.dump({ signal: 1 }), log)
    await body.dump()
  }],
  'dump() twice': [whole, async (body, log) => {
    await settle(body.dump(), log)
    await settle(body.dump(), log)
  }],
  'chunks beyond the high-water mark': [['x'.repeat(70000), 'y', pause, null], async (body, log) => {
    await quiet()
    log(body.readableLength, body.readableHighWaterMark)
    await settle(body.text().then((text) => text.length), log)
  }],
  'no listener may be left': [whole, async (body, log) => {
    body.on('data', () => {})
    await quiet()
    log(body.listenerCount('data'), body.listenerCount('readable'))
  }]
}

const run = (calls, [chunks, use]) => trace(
  calls,
  respond(chunks, { headers: { 'content-type': 'text/x' } }),
  async ({ dispatcher, log }) => {
    const { body } = await dispatcher.request(get)
    await use(body, log)
  }
)

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: as undici's body`, async () => {
    assert.deepStrictEqual(await run(ours, scenario), await run(reference, scenario))
  })
}

// Where we differ on purpose.

test('a body that is being consumed is used, whether something has come or not', async () => {
  for (const chunks of [[null], slow]) {
    const lines = await run(ours, [chunks, async (body, log) => {
      const text = body.text()
      log(body.bodyUsed)
      await text
      log(body.bodyUsed)
    }])
    assert.deepStrictEqual(lines, ['true', 'true'])
  }
})

test('a body cannot be consumed twice: TypeError', async () => {
  const twice = async (body, log) => {
    const first = settle(body.text(), log)
    await settle(body.json(), log)
    await first
    await settle(body.text(), log)
    await settle(body.dump(), log)
  }
  for (const chunks of [whole, slow]) {
    const lines = await run(ours, [chunks, twice])
    assert.deepStrictEqual(lines.sort(),
      ['rejected TypeError: unusable', 'rejected TypeError: unusable', 'resolved Hello', 'resolved null'])
  }
})

test('dump() reads up to 262144 octets', async () => {
  const dump = async (body, log) => settle(body.dump(), log)
  const kibibytes = (count) => 'x'.repeat(count * 1024)
  const aborts = async (...chunks) => (await run(ours, [[...chunks, pause, null], dump])).filter((line) => line.startsWith('abort'))
  assert.strictEqual((await aborts(kibibytes(200), pause, kibibytes(56))).length, 0)
  assert.strictEqual((await aborts(kibibytes(200), pause, kibibytes(57))).length, 1)
})

test("'end' and 'close' come to those who listen right after text()", async () => {
  const lines = await run(ours, [whole, async (body, log) => {
    await quiet()
    const text = body.text()
    watch(body, log, ['end', 'close'])
    await settle(text, log)
    await quiet()
    log(state(body))
  }])
  assert.deepStrictEqual(lines.slice(0, 3), ['resolved Hello', 'end ', 'close '])
})

test('the producer is asked for more when a body that stood still is consumed', async () => {
  const big = 'x'.repeat(70000)
  for (const use of [(body) => body.text(), (body) => body.toArray(), (body) => body.dump()]) {
    const resumed = []
    await trace(ours, respond([big, ({ controller }) => {
      assert.ok(controller.paused)
      controller.resume = () => resumed.push(1)
    }, pause, 'y', null]), async ({ dispatcher }) => {
      const { body } = await dispatcher.request(get)
      await quiet()
      assert.strictEqual(body.readableLength, 70000)
      await use(body)
    })
    assert.ok(resumed.length > 0)
  }
})

test('text() beside a listener for readable gets what comes later too', async () => {
  // undici's never settles.
  const lines = await run(ours, [slow, async (body, log) => {
    body.on('readable', () => {})
    await quiet()
    await settle(body.text(), log)
    log(state(body))
  }])
  assert.deepStrictEqual(lines[0], 'resolved Hello')
})

test('highWaterMark bounds what is held', async () => {
  const lines = await trace(ours, respond(['12', '34', '56', null]), async ({ dispatcher }) => {
    const { body } = await dispatcher.request({ ...get, highWaterMark: 4 })
    assert.strictEqual(body.readableHighWaterMark, 4)
    assert.strictEqual(await body.text(), '123456')
  })
  assert.deepStrictEqual(lines, ['pause', 'pause'])
})

test('bytes() and arrayBuffer() are memory of their own', async () => {
  for (const method of ['bytes', 'arrayBuffer']) {
    const pooled = Buffer.from('Hello')
    await run(ours, [[({ handler, controller }) => handler.onResponseData(controller, pooled), null], async (body) => {
      const value = await body[method]()
      const { buffer } = new Uint8Array(value)
      assert.strictEqual(buffer.byteLength, 5)
      assert.notStrictEqual(value.buffer ?? value, pooled.buffer)
    }])
  }
})

test('events of a body come in the context of the caller of request()', async () => {
  const context = new AsyncLocalStorage()
  const seen = []
  const see = (name) => () => seen.push(`${name} ${context.getStore()}`)
  await trace(ours, respond(slow), async ({ dispatcher }) => {
    await context.run('caller', async () => {
      const { body } = await dispatcher.request(get)
      for (const name of ['data', 'end', 'close']) {
        body.on(name, see(name))
      }
    })
  })
  assert.deepStrictEqual(seen, ['data caller', 'data caller', 'end caller', 'close caller'])
})

test('a Uint8Array that is no Buffer is a chunk, and so is a string', async () => {
  const lines = await run(ours, [[
    ({ handler, controller }) => handler.onResponseData(controller, new Uint8Array([0x61])),
    ({ handler, controller }) => handler.onResponseData(controller, 'b'),
    null
  ], async (body, log) => settle(body.text(), log)])
  assert.deepStrictEqual(lines, ['resolved ab'])
})
