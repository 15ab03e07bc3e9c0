'use strict'

// The handlers of the cache by themselves, under the paths of undici: who is held, who is told, what is forgotten.

const assert = require('node:assert')
const { once } = require('node:events')
const { Readable, Writable } = require('node:stream')
const { describe, test } = require('node:test')
const { CacheHandler } = require('../../lib/handler/cache-handler.js')
const { CacheRevalidationHandler } = require('../../lib/handler/cache-revalidation-handler.js')
const { play } = require('../../lib/handler/stored-response.js')

const KEY = { origin: 'http://localhost', method: 'GET', path: '/', headers: {} }
const KEPT = { 'cache-control': 'max-age=60' }

/** An exchange that notes what is done to it. */
function exchange (done) {
  return {
    rawHeaders: [],
    rawTrailers: [],
    paused: false,
    aborted: false,
    pause () { this.paused = true; done.push('pause') },
    resume () { this.paused = false; done.push('resume') },
    abort (error) { this.aborted = true; done.push(`abort ${error.message}`) }
  }
}

/** A handler that notes what it hears; `controllers.at(-1)` is what it was given. */
function noting (done, more = {}) {
  const controllers = []
  return {
    controllers,
    onRequestStart (controller) { controllers.push(controller); done.push('start') },
    onResponseStart (controller, statusCode) { done.push(`head ${statusCode}`) },
    onResponseData (controller, chunk) { done.push(`data ${chunk}`) },
    onResponseEnd () { done.push('end') },
    onResponseError (controller, error) { done.push(`error ${error.message}`) },
    ...more
  }
}

/** A handler that keeps into `stream`, and what it is played with. */
function keeping ({ stream, stored, more, type = 'shared' } = {}) {
  const done = []
  const values = []
  const store = {
    get: () => stored,
    createWriteStream (key, value) { values.push(value); return stream },
    delete () { done.push('forget') }
  }
  const handler = noting(done, more)
  const keeper = new CacheHandler({ store, type }, KEY, handler)
  const controller = exchange(done)
  keeper.onRequestStart(controller, {})
  return { done, values, handler, keeper, controller }
}

/** A stream that takes one chunk and is full until `drain` is called. */
function narrow () {
  const written = []
  let drain = () => {}
  const stream = new Writable({
    highWaterMark: 1,
    write (chunk, encoding, callback) { written.push(String(chunk)); drain = callback }
  })
  return { stream, written, drain: () => drain() }
}

describe('a response that is kept', () => {
  test('waits while the store is full', async () => {
    const { stream, drain } = narrow()
    const { done, keeper, controller } = keeping({ stream })
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    keeper.onResponseData(controller, Buffer.from('a'))
    assert.deepStrictEqual(done, ['start', 'head 200', 'pause', 'data a'])
    drain()
    assert.deepStrictEqual(done.slice(4), ['resume'])
  })

  test('stays paused when the store has room, if its handler wants that', async () => {
    const { stream, drain } = narrow()
    const { done, handler, keeper, controller } = keeping({ stream })
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    keeper.onResponseData(controller, Buffer.from('a'))
    handler.controllers[0].pause()
    drain()
    assert.ok(!done.includes('resume') && handler.controllers[0].paused)
    handler.controllers[0].resume()
    assert.deepStrictEqual(done.slice(-1), ['resume'])
  })

  test('does not go on while the store is full, if its handler resumes', () => {
    const { stream } = narrow()
    const { done, handler, keeper, controller } = keeping({ stream })
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    keeper.onResponseData(controller, Buffer.from('a'))
    handler.controllers[0].pause()
    handler.controllers[0].resume()
    assert.ok(!done.includes('resume') && controller.paused && !handler.controllers[0].paused)
  })

  test('goes on without the store when that fails', async () => {
    const { stream } = narrow()
    const { done, keeper, controller } = keeping({ stream })
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    keeper.onResponseData(controller, Buffer.from('a'))
    stream.destroy(new Error('full'))
    await new Promise((resolve) => stream.on('close', resolve))
    assert.deepStrictEqual(done.slice(4), ['forget', 'resume'])
    keeper.onResponseData(controller, Buffer.from('b'))
    keeper.onResponseEnd(controller, {})
    assert.deepStrictEqual(done.slice(6), ['data b', 'end'])
  })

  test('goes on when the store has enough of it', async () => {
    const { stream } = narrow()
    const { done, keeper, controller } = keeping({ stream })
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    keeper.onResponseData(controller, Buffer.from('a'))
    stream.destroy()
    await once(stream, 'close')
    assert.deepStrictEqual(done.slice(4), ['resume'])
  })

  test('is forgotten when it fails', async () => {
    const { stream } = narrow()
    const { done, keeper, controller } = keeping({ stream })
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    keeper.onResponseError(controller, new Error('cut off'))
    assert.ok(stream.destroyed)
    await new Promise((resolve) => stream.on('close', resolve))
    assert.deepStrictEqual(done, ['start', 'head 200', 'error cut off', 'forget'])
  })

  test('is begun anew when its request is', () => {
    const { stream } = narrow()
    const { keeper, controller } = keeping({ stream })
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    keeper.onRequestStart(controller, {})
    assert.ok(stream.destroyed)
  })

  test('is held too if its start was left out', () => {
    const { stream } = narrow()
    const done = []
    const keeper = new CacheHandler({ store: { createWriteStream: () => stream }, type: 'shared' }, KEY, noting(done))
    const controller = exchange(done)
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    keeper.onResponseData(controller, Buffer.from('a'))
    assert.deepStrictEqual(done, ['head 200', 'pause', 'data a'])
  })

  test('is kept after informational ones', () => {
    const { values, done, keeper, controller } = keeping({ stream: narrow().stream })
    keeper.onResponseStart(controller, 103, KEPT, 'Early Hints')
    keeper.onResponseStart(controller, 200, KEPT, 'OK')
    assert.deepStrictEqual([values.length, values[0].statusCode, done], [1, 200, ['start', 'head 103', 'head 200']])
  })
})

for (const [statusCode, forgets] of [[200, true], [303, true], [400, false], [500, false]]) {
  test(`a POST with a status ${statusCode} forgets ${forgets ? 'what it may have changed' : 'nothing'}`, () => {
    const forgotten = []
    const keeper = new CacheHandler({ store: { delete ({ path }) { forgotten.push(path) } }, type: 'shared' }, { ...KEY, method: 'POST' }, noting([]))
    keeper.onResponseStart(exchange([]), statusCode, { 'cache-control': 'no-store', location: '/a?b', 'content-location': ['c', 'http://other/d', 'http://['] }, '')
    assert.deepStrictEqual([...new Set(forgotten)], forgets ? ['/', '/a?b', '/c'] : [])
  })
}

describe('a 304 in the background', () => {
  const stored = (body) => ({
    statusCode: 200, statusMessage: 'OK', headers: { 'x-old': '1', 'content-length': '2' }, etag: '"a"', vary: { a: null }, body, cachedAt: 0, staleAt: 0, deleteAt: 0
  })
  const NEW = { ...KEPT, 'x-new': '1', 'content-length': '0' }

  for (const [name, body] of [
    ['pieces', () => [Buffer.from('a'), Buffer.from('b')]],
    ['a Buffer', () => Buffer.from('ab')],
    ['a text', () => 'ab'],
    ['a Readable', () => Readable.from([Buffer.from('a'), Buffer.from('b')])],
    ['an async iterable', () => (async function * () { yield Buffer.from('a'); yield Buffer.from('b') })()]
  ]) {
    test(`renews content that is ${name}`, async () => {
      const written = []
      const stream = new Writable({ write (chunk, encoding, callback) { written.push(String(chunk)); callback() } })
      const { done, values, keeper, controller } = keeping({ stream, stored: stored(body()) })
      keeper.onResponseStart(controller, 304, NEW, 'Not Modified')
      keeper.onResponseEnd(controller, {})
      await once(stream, 'finish')
      assert.strictEqual(written.join(''), 'ab')
      const { statusCode, statusMessage, headers, etag, vary } = values[0]
      assert.deepStrictEqual({ statusCode, statusMessage, headers, etag, vary }, {
        statusCode: 200, statusMessage: 'OK', headers: { 'x-old': '1', 'content-length': '2', ...KEPT, 'x-new': '1' }, etag: '"a"', vary: { a: null }
      })
      assert.deepStrictEqual([done.at(-1), done.filter((line) => line.startsWith('head'))], ['end', ['head 304']])
    })
  }

  test('is held until the content is there', async () => {
    const { stream, written, drain } = narrow()
    const { done, keeper, controller } = keeping({ stream, stored: stored(['a', 'b']) })
    keeper.onResponseStart(controller, 304, KEPT, 'Not Modified')
    assert.deepStrictEqual(done, ['start', 'pause', 'head 304', 'data a'])
    drain()
    drain()
    assert.deepStrictEqual([done.slice(4), written], [['data b', 'resume'], ['a', 'b']])
  })

  test('that nothing is kept for renews nothing', () => {
    const { done, values, keeper, controller } = keeping({ stored: undefined })
    keeper.onResponseStart(controller, 304, KEPT, 'Not Modified')
    keeper.onResponseEnd(controller, {})
    assert.deepStrictEqual([done, values], [['start', 'pause', 'head 304', 'resume', 'end'], []])
  })

  test('goes on when the store rejects', async () => {
    const { done, keeper, controller } = keeping({ stored: Promise.reject(new Error('lost')) })
    keeper.onResponseStart(controller, 304, KEPT, 'Not Modified')
    keeper.onResponseEnd(controller, {})
    await new Promise(setImmediate)
    assert.deepStrictEqual(done, ['start', 'pause', 'head 304', 'resume', 'end'])
  })

  for (const [name, body] of [['pieces', () => ['a', 'b']], ['a Readable', () => Readable.from(['a', 'b'])]]) {
    test(`of which a handler throws ends its exchange; the content is ${name}`, async () => {
      const stream = new Writable({ write (chunk, encoding, callback) { callback() } })
      const { done, keeper, controller } = keeping({ stream, stored: stored(body()), more: { onResponseData () { throw new Error('mine') } } })
      keeper.onResponseStart(controller, 304, KEPT, 'Not Modified')
      await new Promise(setImmediate)
      assert.deepStrictEqual(done, ['start', 'pause', 'head 304', 'abort mine'])
    })
  }

  test('of which the stored content fails is not taken for whole', async () => {
    const stream = new Writable({ write (chunk, encoding, callback) { callback() } })
    const body = new Readable({ read () { this.destroy(new Error('lost')) } })
    const { done, keeper, controller } = keeping({ stream, stored: stored(body) })
    keeper.onResponseStart(controller, 304, KEPT, 'Not Modified')
    await new Promise((resolve) => body.on('close', resolve))
    assert.deepStrictEqual(done, ['start', 'pause', 'head 304', 'abort lost'])
    keeper.onResponseError(controller, new Error('lost'))
    await new Promise((resolve) => stream.on('close', resolve))
    assert.deepStrictEqual(done.slice(4), ['error lost', 'forget'])
  })
})

describe('a validation', () => {
  function validating (covers = false, more) {
    const done = []
    const handler = noting(done, more)
    const validator = new CacheRevalidationHandler((isGood, context, statusCode) => done.push(`${isGood ? 'good' : 'bad'} ${statusCode}`), handler, covers)
    const controller = exchange(done)
    validator.onRequestStart(controller, {})
    return { done, handler, validator, controller }
  }

  test('tells nothing before the outcome, and nothing after a good one', () => {
    const { done, validator, controller } = validating()
    assert.deepStrictEqual(done, [])
    validator.onResponseStart(controller, 304, {}, 'Not Modified')
    validator.onResponseData(controller, Buffer.from('a'))
    validator.onResponseEnd(controller, {})
    validator.onResponseError(controller, new Error('late'))
    assert.deepStrictEqual(done, ['good 304'])
  })

  test('waits for the final response', () => {
    const { done, validator, controller } = validating()
    validator.onResponseStart(controller, 103, {}, 'Early Hints')
    validator.onResponseStart(controller, 200, {}, 'OK')
    validator.onResponseData(controller, Buffer.from('a'))
    validator.onResponseEnd(controller, {})
    assert.deepStrictEqual(done, ['bad 200', 'start', 'head 200', 'data a', 'end'])
  })

  for (const [statusCode, covers, isGood] of [[499, true, false], [500, true, true], [504, true, true], [505, true, false], [500, false, false]]) {
    test(`by ${statusCode} is ${isGood ? 'good' : 'bad'} where failures are ${covers ? '' : 'not '}covered`, () => {
      const { done, validator, controller } = validating(covers)
      validator.onResponseStart(controller, statusCode, {}, '')
      assert.strictEqual(done[0], `${isGood ? 'good' : 'bad'} ${statusCode}`)
    })
  }

  for (const covers of [true, false]) {
    test(`that fails is ${covers ? 'good' : 'an error'} where failures are ${covers ? '' : 'not '}covered`, () => {
      const { done, validator, controller } = validating(covers)
      validator.onResponseError(controller, new Error('lost'))
      assert.deepStrictEqual(done, covers ? ['good undefined'] : ['bad undefined', 'error lost'])
    })
  }

  test('that its user ends is no failure that is covered', () => {
    let target
    const { done, validator, controller } = validating(true, { onDispatched (given) { target = given } })
    validator.onDispatched({ abort () {} })
    validator.onRequestStart(controller, {})
    target.abort(new Error('enough'))
    validator.onResponseError(controller, new Error('enough'))
    assert.deepStrictEqual(done, ['abort enough', 'bad undefined', 'error enough'])
  })

  test('whose outcome cannot be told is an error', () => {
    const done = []
    const validator = new CacheRevalidationHandler(() => { throw new Error('mine') }, noting(done), false)
    const controller = exchange(done)
    validator.onRequestStart(controller, {})
    assert.throws(() => validator.onResponseStart(controller, 304, {}, ''), { message: 'mine' })
    validator.onResponseError(controller, new Error('mine'))
    assert.deepStrictEqual(done, ['error mine'])
  })

  test('wants to tell somebody', () => {
    assert.throws(() => new CacheRevalidationHandler(null, {}), { name: 'TypeError', message: 'callback must be a function' })
  })
})

describe('a stored response', () => {
  const played = (body, more, how = { method: 'GET', age: 1 }) => new Promise((resolve) => {
    const done = []
    const end = (line) => { done.push(line); resolve(done) }
    play(noting(done, { onResponseEnd () { end('end') }, onResponseError (controller, error) { end(`error ${error.message}`) }, ...more }), { statusCode: 200, statusMessage: 'OK', headers: {}, body }, how)
  })

  for (const [name, body, data] of [
    ['nothing', null, []], ['pieces', [Buffer.from('a'), 'b'], ['data a', 'data b']], ['a Buffer', Buffer.from('ab'), ['data ab']], ['a text', 'ab', ['data ab']], ['no pieces', [], []]
  ]) {
    test(`of ${name} is played to its end`, async () => {
      assert.deepStrictEqual(await played(body), ['start', 'head 200', ...data, 'end'])
    })
  }

  test('whose content fails is an error', async () => {
    assert.deepStrictEqual(await played(new Readable({ read () { this.destroy(new Error('lost')) } })), ['start', 'head 200', 'error lost'])
  })

  test('whose content ends too soon is an error', async () => {
    assert.deepStrictEqual(await played(new Readable({ read () { this.destroy() } })), ['start', 'head 200', 'error The stored response ended too soon'])
  })

  test('whose end cannot be told is an error', async () => {
    assert.deepStrictEqual(await played('a', { onResponseEnd () { throw new Error('mine') } }), ['start', 'head 200', 'data a', 'error mine'])
  })

  test('waits while its handler wants that', async () => {
    let held
    const over = played(['a', 'b'], { onResponseData (controller, chunk) { controller.pause(); held = { controller, chunk: String(chunk) } } })
    await new Promise(setImmediate)
    assert.deepStrictEqual([held.chunk, held.controller.paused], ['a', true])
    held.controller.resume()
    await new Promise(setImmediate)
    assert.strictEqual(held.chunk, 'b')
    held.controller.resume()
    assert.strictEqual((await over).at(-1), 'end')
  })

  test('whose stream was read before is refused', () => {
    const body = Readable.from(['a']).destroy()
    assert.throws(() => play(noting([]), { statusCode: 200, headers: {}, body }, { method: 'GET' }), { name: 'AssertionError' })
  })
})
