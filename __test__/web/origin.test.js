'use strict'

// The origin that relative URLs are resolved against.

const { afterEach, test } = require('node:test')
const assert = require('node:assert')
const dodici = require('../..')
const { listen } = require('./server')

const libraries = { dodici, 'undici 6': require('undici6') }

afterEach(() => dodici.setGlobalOrigin(undefined))

for (const [name, library] of Object.entries(libraries)) {
  test(`${name}: getGlobalOrigin() is the URL that was set`, () => {
    assert.strictEqual(library.getGlobalOrigin(), undefined)
    library.setGlobalOrigin('http://localhost:3000/a?b')
    assert.ok(library.getGlobalOrigin() instanceof URL)
    assert.strictEqual(library.getGlobalOrigin().href, 'http://localhost:3000/a?b')
    library.setGlobalOrigin(undefined)
    assert.strictEqual(library.getGlobalOrigin(), undefined)
  })

  test(`${name}: an origin that is no http URL is refused`, () => {
    assert.throws(() => library.setGlobalOrigin('ftp://localhost'), { name: 'TypeError', message: 'Only http & https urls are allowed, received ftp:' })
    assert.throws(() => library.setGlobalOrigin('localhost'), { code: 'ERR_INVALID_URL' })
    assert.throws(() => library.setGlobalOrigin(null), { code: 'ERR_INVALID_URL' })
  })
}

test('copies of undici share it', () => {
  dodici.setGlobalOrigin('http://localhost')
  assert.strictEqual(libraries['undici 6'].getGlobalOrigin(), dodici.getGlobalOrigin())
})

test('fetch, Request and Response.redirect resolve relative URLs against it', async (t) => {
  const { origin } = await listen(t)
  await assert.rejects(dodici.fetch('/hello'), TypeError)
  dodici.setGlobalOrigin(`${origin}/base/`)
  assert.strictEqual(await (await dodici.fetch('/hello')).text(), 'hello')
  assert.strictEqual(await (await dodici.fetch(new URL(`${origin}/hello`))).text(), 'hello')
  assert.strictEqual(new dodici.Request('other').url, `${origin}/base/other`)
  assert.strictEqual(dodici.Response.redirect('other').headers.get('location'), `${origin}/base/other`)
  await dodici.getGlobalDispatcher().close()
})
