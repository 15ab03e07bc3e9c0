'use strict'

// The shapes of bodies, and the listeners on signals.

const { test } = require('node:test')
const assert = require('node:assert')
const { EventEmitter, getEventListeners } = require('node:events')
const { PassThrough, Readable } = require('node:stream')
const streams = require('../../lib/core/streams')

test('what is a stream, an iterable, a blob, a form', () => {
  const { isStream, isIterable, isBlobLike, isFormDataLike } = streams
  assert.ok(isStream(new PassThrough()))
  assert.ok(!isStream(null))
  assert.ok(!isStream({ pipe () {} }))
  assert.ok(isIterable([]))
  assert.ok(isIterable((async function * () {})()))
  assert.ok(!isIterable({}))
  assert.ok(isBlobLike(new Blob([])))
  assert.ok(isBlobLike({ [Symbol.toStringTag]: 'File', stream () {} }))
  assert.ok(!isBlobLike({ stream () {} }))
  assert.ok(isFormDataLike(new FormData()))
  assert.ok(!isFormDataLike(new URLSearchParams()))
})

test('an iterator on Object.prototype makes no list of a plain object', (t) => {
  t.after(() => delete Object.prototype[Symbol.iterator])
  // eslint-disable-next-line no-extend-native -- it is what an attacker would do
  Object.defineProperty(Object.prototype, Symbol.iterator, { configurable: true, value: function * () {} })
  assert.ok(!streams.hasOwnKindOfIterator({}))
  assert.ok(streams.hasOwnKindOfIterator(new Map()))
})

test('destroy ends any kind of stream once, and survives a destroy() that throws', () => {
  const { destroy, isDestroyed } = streams
  const old = Object.assign(new EventEmitter(), { pipe () {} })
  destroy(old)
  assert.ok(isDestroyed(old))

  let calls = 0
  const stubborn = Object.assign(new EventEmitter(), { pipe () {}, destroy () { calls++; throw new Error('managed') } })
  destroy(stubborn)
  destroy(stubborn)
  assert.strictEqual(calls, 1)
})

test('a body that was read, or says it cannot be read again, is disturbed', async () => {
  const { isDisturbed, markUsed } = streams
  const body = Readable.from(['a'])
  assert.ok(!isDisturbed(body))
  await body.toArray()
  assert.ok(isDisturbed(body))
  const live = new PassThrough()
  markUsed(live)
  assert.ok(isDisturbed(live))
  assert.ok(!isDisturbed(null))
  assert.ok(!isDisturbed('string'))
})

test('the length of a body is known for octets, blobs and streams that have ended', () => {
  const { bodyLength } = streams
  const stream = new PassThrough()
  assert.strictEqual(bodyLength(stream), null)
  stream.end('abc')
  stream.read(0)
  assert.strictEqual(bodyLength(stream), 3)
  assert.strictEqual(bodyLength(null), 0)
  assert.strictEqual(bodyLength(new Blob(['abc'])), 3)
  assert.strictEqual(bodyLength(Buffer.from('abc')), 3)
  assert.strictEqual(bodyLength([]), null)
})

test('any number of waiters share one listener on an AbortSignal, and leave none behind', () => {
  const controller = new AbortController()
  const { signal } = controller
  const removals = Array.from({ length: 100 }, () => streams.addAbortListener(signal, () => {}))
  assert.strictEqual(getEventListeners(signal, 'abort').length, 1)
  for (const remove of removals) {
    remove()
    remove()
  }
  assert.strictEqual(getEventListeners(signal, 'abort').length, 0)

  let heard = 0
  streams.addAbortListener(signal, () => heard++)
  streams.addAbortListener(signal, () => heard++)()
  controller.abort()
  assert.strictEqual(heard, 1)
  assert.strictEqual(getEventListeners(signal, 'abort').length, 0)
})

test('a waiter that removes another while the signal aborts does not keep it from hearing', () => {
  const controller = new AbortController()
  const heard = []
  let removeSecond = () => {}
  streams.addAbortListener(controller.signal, () => { heard.push(1); removeSecond() })
  removeSecond = streams.addAbortListener(controller.signal, () => heard.push(2))
  controller.abort()
  assert.deepStrictEqual(heard, [1, 2])
})

test('an EventEmitter is listened to, and left alone afterwards', () => {
  const emitter = new EventEmitter()
  let heard = 0
  const remove = streams.addAbortListener(emitter, () => heard++)
  emitter.emit('abort')
  emitter.emit('abort')
  assert.strictEqual(heard, 1)
  remove()
  streams.addAbortListener(emitter, () => {})()
  assert.strictEqual(emitter.listenerCount('abort'), 0)
})

test('any number of waiters share one listener on an EventEmitter, too', () => {
  const emitter = new EventEmitter()
  let heard = 0
  const removals = Array.from({ length: 100 }, () => streams.addAbortListener(emitter, () => heard++))
  assert.strictEqual(emitter.listenerCount('abort'), 1)
  removals[0]()
  emitter.emit('abort')
  assert.strictEqual(heard, 99)
  assert.strictEqual(emitter.listenerCount('abort'), 0)
})
