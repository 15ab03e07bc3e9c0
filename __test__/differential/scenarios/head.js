'use strict'

// The head of a request: containers of header fields, their order and case, what the client adds, and the target.

const { head, answer } = require('../server.js')

const OFF_BY_ONE = 'undici 6 sends one request more than maxRequestsPerClient on a connection'

const one = [head, answer()]
const get = (more) => ({ path: '/', method: 'GET', ...more })
const row = (name, options, more) => ({ name: `head: ${name}`, server: [one], dispatch: typeof options === 'function' ? () => get(options()) : get(options), ...more })

module.exports = [
  row('header fields from an object keep order and case', { headers: { 'X-b': '1', 'x-A': '2', Accept: '*/*' } }),
  row('header fields from a flat array', { headers: ['X-b', '1', 'x-A', '2', 'x-a', '3'] }),
  row('header fields from a flat array with lists of values', { headers: ['x-a', ['1', '2'], 'X-B', '3'] }),
  row('header fields from a Map', () => ({ headers: new Map([['X-b', '1'], ['x-a', '2']]) })),
  row('header fields from a generator of pairs', () => ({ headers: (function * () { yield ['X-b', '1']; yield ['x-a', '2'] })() })),
  row('header fields from Headers', () => ({ headers: new Headers([['X-b', '1'], ['set-cookie', 'a'], ['set-cookie', 'b']]) })),
  row('header fields from an object without a prototype', () => ({ headers: Object.assign(Object.create(null), { 'x-a': '1' }) })),
  row('a list of values repeats the field', { headers: { 'x-a': ['1', '2'], 'x-b': ['3'] } }),
  row('an empty list of values', { headers: { 'x-a': [], 'x-b': '1' } }),
  row('values that are no strings', { headers: { 'x-a': 1, 'x-b': true, 'x-c': null, 'x-d': undefined, 'x-e': ['', null, 2] } }),
  row('values beyond ASCII are sent as latin1', { headers: { 'x-a': 'caf\u00e9' } }),
  row('empty values and spaces around values', { headers: { 'x-a': '', 'x-b': ' v ' } }),
  row('a host of the caller replaces the own', { headers: { Host: 'example.org', 'x-a': '1' } }),
  row('connection: close', { headers: { connection: 'close' } }),
  row('connection: keep-alive', { headers: { Connection: 'keep-alive' } }),
  row('connection with more tokens', { headers: { connection: 'foo, close' } }, { differs: 'undici 6 refuses every token but close and keep-alive' }),
  row('reset true', { reset: true }),
  row('reset false', { reset: false }),
  row('reset null', { reset: null }),
  row('HEAD closes the connection', { method: 'HEAD' }),
  row('HEAD with reset false keeps it', { method: 'HEAD', reset: false }),
  row('a method of the caller', { method: 'PROPFIND' }),
  row('a method is not changed in case', { method: 'get' }),
  row('QUERY', { method: 'QUERY', body: 'q' }, { server: [[head, answer()]] }),
  row('a query string in the path', { path: '/a?b=c&d' }),
  row('query', { query: { a: 1, 'b c': 'd&e', f: [1, 'x y'], g: true, h: null, i: undefined, j: '' } }),
  row('query that is empty', { query: {} }),
  row('query beyond ASCII', { path: '/p', query: { ä: '€' } }),
  row('a path that is an absolute URL', { path: 'http://example.org/x' }),
  row('a path with spaces encoded by nobody', { path: '/a%20b/../c//d' }),
  row('pipelining 0 closes the connection', {}, { client: { pipelining: 0 } }),
  row('an origin in the options is not used for the wire', () => ({ origin: 'http://elsewhere.example' })),
  row('maxRequestsPerClient 1 says close', {}, { differs: OFF_BY_ONE, client: { maxRequestsPerClient: 1 } }),
  {
    name: 'head: maxRequestsPerClient 2 says close in the second request',
    differs: OFF_BY_ONE,
    client: { maxRequestsPerClient: 2 },
    server: [[head, answer(), head, answer(), head, answer()], one],
    run: async (stage) => {
      for (const lane of ['a', 'b', 'c']) {
        stage.dispatch(lane, get({ path: `/${lane}` }))
        await stage.over(lane)
      }
    }
  },
  {
    name: 'head: localAddress',
    client: { localAddress: '127.0.0.1' },
    server: [one],
    dispatch: get()
  }
]
