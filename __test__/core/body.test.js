'use strict'

// What is sent of a body.

const { test } = require('node:test')
const assert = require('node:assert')
const { PassThrough, Readable } = require('node:stream')
const { contentOf, normalizeBody } = require('../../lib/core/body')

const content = (body, { method = 'POST', contentLength = null, contentType = null, expectContinue = false } = {}) =>
  contentOf({ method, body: normalizeBody(body), contentLength, contentType, expectContinue })

async function octets ({ bytes, source }) {
  const chunks = bytes === null ? [] : [bytes]
  for await (const chunk of source ?? []) {
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks).toString('latin1')
}

test('URLSearchParams are a form', async () => {
  const form = content(new URLSearchParams({ a: '1 2', b: 'ü' }))
  assert.strictEqual(form.kind, 'bytes')
  assert.strictEqual(form.contentType, 'application/x-www-form-urlencoded;charset=UTF-8')
  assert.strictEqual(await octets(form), 'a=1+2&b=%C3%BC')
  assert.strictEqual(form.length, 14)
  assert.strictEqual(content(new URLSearchParams('a=b'), { contentType: 'x/y' }).contentType, null)
})

test('a form of strings is one piece of octets', async () => {
  const form = new FormData()
  form.append('a\n"b', 'x\ny\rz')
  const sent = content(form)
  const boundary = /^multipart\/form-data; boundary=(----formdata-dodici-[0-9a-f]+)$/.exec(sent.contentType)[1]
  assert.strictEqual(sent.kind, 'bytes')
  assert.strictEqual(await octets(sent), [
    `--${boundary}`,
    'Content-Disposition: form-data; name="a%0D%0A%22b"',
    '',
    'x\r\ny\r\nz',
    `--${boundary}--`,
    ''
  ].join('\r\n'))
  assert.strictEqual(sent.length, sent.bytes.length)
})

test('a form with files is read as it is sent, and its length is known before', async () => {
  const form = new FormData()
  form.append('file', new File(['zz'], 'q\n".txt', { type: 'text/plain' }))
  form.append('blob', new Blob(['y']))
  const sent = content(form)
  const boundary = sent.contentType.slice(sent.contentType.indexOf('=') + 1)
  assert.strictEqual(sent.kind, 'iterable')
  const text = await octets(sent)
  assert.strictEqual(text, [
    `--${boundary}`,
    'Content-Disposition: form-data; name="file"; filename="q%0A%22.txt"',
    'Content-Type: text/plain',
    '',
    'zz',
    `--${boundary}`,
    'Content-Disposition: form-data; name="blob"; filename="blob"',
    'Content-Type: application/octet-stream',
    '',
    'y',
    `--${boundary}--`,
    ''
  ].join('\r\n'))
  assert.strictEqual(sent.length, text.length)
})

test('a form with a file that does not know its size is sent in chunks', async () => {
  const file = { name: 'a', type: '', stream: () => Readable.from([Buffer.from('zz')]) }
  const form = {
    append () {},
    delete () {},
    get () {},
    getAll () {},
    has () {},
    set () {},
    * [Symbol.iterator] () { yield ['f', file] },
    [Symbol.toStringTag]: 'FormData'
  }
  const sent = content(form)
  assert.strictEqual(sent.length, null)
  assert.match(await octets(sent), /\r\n\r\nzz\r\n/)
})

test('a Blob is read as it is sent', async () => {
  const sent = content(new Blob(['abc'], { type: 'text/x' }))
  assert.deepStrictEqual([sent.kind, sent.length, sent.contentType], ['iterable', 3, 'text/x'])
  assert.strictEqual(await octets(sent), 'abc')
  const foreign = { [Symbol.toStringTag]: 'Blob', size: 2, type: '', arrayBuffer: async () => new ArrayBuffer(2) }
  assert.strictEqual(await octets(content(foreign)), '\0\0')
})

test('a Blob whose type is no field value is an error of its own', () => {
  const blob = { [Symbol.toStringTag]: 'Blob', size: 1, type: 'a\r\nb', stream () {} }
  assert.strictEqual(content(blob).error.message, 'invalid content-type header')
})

test('a stream that has ended is known by its length', () => {
  const body = new PassThrough()
  body.end('abc')
  const sent = content(body)
  assert.deepStrictEqual([sent.kind, sent.length, sent.source], ['stream', 3, body])
})

test('a content-length that does not fit what is known is a mismatch, except where it means nothing', () => {
  assert.ok(content('abc', { contentLength: 4 }).mismatch)
  assert.ok(!content('abc', { contentLength: 3 }).mismatch)
  assert.ok(!content('abc').mismatch)
  assert.ok(!content('abc', { contentLength: 4, method: 'GET' }).mismatch)
  assert.ok(!content(null, { contentLength: 4 }).mismatch)
  assert.ok(!content(['abc'], { contentLength: 4 }).mismatch)
  assert.ok(content(new Blob(['abc']), { contentLength: 4 }).mismatch)
})

test('content that the method does not anticipate is told', () => {
  assert.ok(content('abc', { method: 'GET' }).unexpected)
  assert.ok(content('abc', { method: 'DELETE' }).unexpected)
  assert.ok(!content(null, { method: 'GET' }).unexpected)
  assert.ok(!content('abc', { method: 'PATCH' }).unexpected)
})

test('only what there is waits until the server asks for it', () => {
  const expectContinue = true
  assert.strictEqual(content('abc', { expectContinue }).awaitsContinue, true)
  assert.strictEqual(content(Readable.from(['abc']), { expectContinue }).awaitsContinue, true)
  assert.strictEqual(content('abc').awaitsContinue, false)
  assert.strictEqual(content('', { expectContinue }).awaitsContinue, false)
  assert.strictEqual(content(null, { expectContinue }).awaitsContinue, false)
})
