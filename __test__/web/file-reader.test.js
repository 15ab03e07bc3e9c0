'use strict'

// FileReader against that of undici 6.

const { test } = require('node:test')
const assert = require('node:assert')
const { once } = require('node:events')
const dodici = require('../..')
const undici = require('undici6')

const libraries = { dodici, 'undici 6': undici }

for (const [name, { FileReader }] of Object.entries(libraries)) {
  async function read (method, blob, ...rest) {
    const reader = new FileReader()
    const heard = []
    for (const type of ['loadstart', 'progress', 'load', 'error', 'abort', 'loadend']) {
      reader[`on${type}`] = (event) => heard.push(event.type)
    }
    const ended = once(reader, 'loadend')
    assert.strictEqual(reader[method](blob, ...rest), undefined)
    assert.strictEqual(reader.readyState, FileReader.LOADING)
    await ended
    assert.strictEqual(reader.readyState, FileReader.DONE)
    return { result: reader.result, error: reader.error, heard }
  }

  for (const [method, blob, expected, ...rest] of [
    ['readAsText', new Blob(['zwölf']), 'zwölf'],
    ['readAsText', new Blob([new Uint8Array([0xe4])], { type: 'text/plain;charset=latin1' }), 'ä'],
    ['readAsText', new Blob([new Uint8Array([0xe4])]), 'ä', 'latin1'],
    ['readAsText', new Blob([new Uint8Array([0xe4])]), '\ufffd', 'no such'],
    ['readAsText', new Blob(['']), ''],
    ['readAsBinaryString', new Blob([new Uint8Array([0, 128, 255])]), '\0\x80\xff'],
    ['readAsDataURL', new Blob(['a'], { type: 'text/plain' }), 'data:text/plain;base64,YQ=='],
    ['readAsDataURL', new Blob(['ab']), 'data:application/octet-stream;base64,YWI='],
    ['readAsArrayBuffer', new Blob([new Uint8Array([1, 2])]), new Uint8Array([1, 2]).buffer]
  ]) {
    test(`${name}: ${method} of ${blob.size} octets of type "${blob.type}"${rest}`, async () => {
      const { result, error, heard } = await read(method, blob, ...rest)
      assert.deepStrictEqual(result, expected)
      assert.strictEqual(error, null)
      assert.deepStrictEqual(heard, blob.size === 0 ? ['loadstart', 'load', 'loadend'] : ['loadstart', 'progress', 'load', 'loadend'])
    })
  }

  test(`${name}: what is no Blob is refused, and a second reading under way`, () => {
    const reader = new FileReader()
    assert.throws(() => reader.readAsText(), TypeError)
    assert.throws(() => reader.readAsText('text'), TypeError)
    reader.readAsText(new Blob(['a']))
    assert.throws(() => reader.readAsText(new Blob(['a'])), { name: 'InvalidStateError', message: 'Invalid state' })
  })

  test(`${name}: abort() ends it at once`, async () => {
    const reader = new FileReader()
    const heard = []
    for (const type of ['load', 'abort', 'loadend']) {
      reader.addEventListener(type, () => heard.push(type))
    }
    reader.abort()
    reader.readAsText(new Blob(['a']))
    reader.abort()
    assert.deepStrictEqual([heard, reader.result, reader.readyState], [['abort', 'loadend'], null, FileReader.DONE])
    await new Blob(['a']).arrayBuffer()
    assert.deepStrictEqual(heard, ['abort', 'loadend'])
  })

  test(`${name}: a listener may be taken back`, () => {
    const reader = new FileReader()
    reader.onload = () => {}
    assert.strictEqual(typeof reader.onload, 'function')
    reader.onload = null
    assert.strictEqual(reader.onload, null)
    assert.deepStrictEqual([FileReader.EMPTY, reader.EMPTY, FileReader.LOADING, FileReader.DONE, reader.readyState], [0, 0, 1, 2, 0])
  })
}

test('a byte order mark says the encoding', async () => {
  const reader = new dodici.FileReader()
  const ended = once(reader, 'loadend')
  reader.readAsText(new Blob([new Uint8Array([0xff, 0xfe, 0x61, 0])]), 'latin1')
  const [event] = await ended
  assert.strictEqual(reader.result, 'a')
  assert.deepStrictEqual([event.lengthComputable, event.loaded, event.total], [true, 4, 4])
})

test('it may read again, once it is done', async () => {
  const reader = new dodici.FileReader()
  for (const text of ['a', 'b']) {
    const ended = once(reader, 'loadend')
    reader.readAsText(new Blob([text]))
    await ended
    assert.strictEqual(reader.result, text)
  }
})
