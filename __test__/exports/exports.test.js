'use strict'

// What undici 5 to 8 export is here, or docs/api/compatibility.md says why not; and the page says nothing else.
//
// The entry of undici 8 does not load on Node.js 20, so that its names stand in a file:
// node -p "JSON.stringify(require('./__test__/exports/names').namesOf(require('undici8')), null, 2)"

const assert = require('node:assert')
const { test } = require('node:test')
const dodici = require('../..')
const { namesOf } = require('./names')
const { list, table } = require('./page')
const eight = require('./undici8.json')

const theirs = new Map([
  ['5', namesOf(require('undici5'))],
  ['6', namesOf(require('undici6'))],
  ['7', namesOf(require('undici7'))],
  ['8', eight]
])
const ours = new Set(namesOf(dodici))

const namespaces = ['cacheStores', 'errors', 'interceptors', 'mockErrors', 'util']

// An export, or what a namespace has; its members are rows of another table.
const exportOf = (name) => {
  const [first, second] = name.split('.')
  return namespaces.includes(first) && second !== undefined ? `${first}.${second}` : first
}

const exported = new Map()
for (const [version, names] of theirs) {
  for (const name of new Set(names.map(exportOf))) {
    exported.set(name, [...exported.get(name) ?? [], version])
  }
}

const rows = table('Exports')
const states = new Map(rows.map(([name, , state]) => [name, state]))

// Classes and functions of Node.js's, which another Node.js may have otherwise or not at all.
const isNodes = (name) => states.get(name)?.startsWith('Node.js\'s')

test('the file of undici 8 has the names that it exports', (t) => {
  if (Number(process.versions.node.split('.')[0]) < 22) {
    t.skip('undici 8 needs Node.js 22')
    return
  }
  assert.deepStrictEqual(namesOf(require('undici8')), eight)
})

test('the page has a row for each export of undici 5 to 8, with the versions that have it', () => {
  const expected = [...exported].map(([name, versions]) => `${name}: ${versions.join(' ')}`).sort()
  assert.deepStrictEqual(rows.map(([name, versions]) => `${name}: ${versions}`).sort(), expected)
})

test('the state of each export is one of those that the page explains', () => {
  assert.deepStrictEqual(rows.filter(([, , state]) => !/^(yes|Node\.js's|no|not yet)(: |, |$)/.test(state)), [])
})

for (const [name, , state] of rows) {
  test(`${name} is ${/^no/.test(state) ? 'not there, as the page says' : 'there'}`, () => {
    assert.strictEqual(ours.has(name), !/^no/.test(state))
  })
}

test('what is Node.js\'s own is what it has itself', () => {
  for (const name of rows.map(([name]) => name).filter(isNodes)) {
    if (globalThis[name] !== undefined) {
      assert.strictEqual(dodici[name].prototype, globalThis[name].prototype, name)
    }
  }
})

test('the page has a row for each member that is missing, and for no other', () => {
  const missing = new Map()
  for (const [version, names] of theirs) {
    for (const name of names) {
      const owner = exportOf(name)
      if (ours.has(owner) && !isNodes(owner) && !ours.has(name)) {
        missing.set(name, [...missing.get(name) ?? [], version])
      }
    }
  }
  assert.deepStrictEqual(
    table('Members that are missing').map(([name, versions]) => `${name}: ${versions}`).sort(),
    [...missing].map(([name, versions]) => `${name}: ${versions.join(' ')}`).sort()
  )
})

test('the page lists each export that no undici has', () => {
  assert.deepStrictEqual([...new Set([...ours].map(exportOf))].filter((name) => !exported.has(name)).sort(), list('Beyond undici').sort())
})

test('the functions have as many parameters as undici\'s', () => {
  for (const name of ['request', 'stream', 'pipeline', 'connect', 'upgrade', 'fetch', 'buildConnector', 'setGlobalDispatcher', 'getGlobalDispatcher', 'getCookies', 'setCookie']) {
    assert.strictEqual(dodici[name].length, require('undici7')[name].length, name)
  }
  assert.strictEqual(dodici.createRedirectInterceptor.length, require('undici6').createRedirectInterceptor.length)
})

test('mocked dispatchers are made like undici\'s', () => {
  for (const name of ['MockClient', 'MockPool']) {
    const { length } = require('undici7')[name]
    assert.deepStrictEqual([dodici[name].name, dodici[name].length], [name, length])
  }
})
