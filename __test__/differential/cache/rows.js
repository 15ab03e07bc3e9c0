'use strict'

// The cache's table. `seven` says why undici 7 does otherwise; where it would never end, it is not played.

const get = (headers, more) => ({ headers, ...more })
const says = (value) => get({ 'cache-control': value })
const date = (seconds) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toUTCString()
const kept = (fields = {}) => [200, { 'cache-control': 'max-age=60', ...fields }]
const twice = [{}, {}]

/** A row for each response: asked for twice. */
const responses = (rows) => rows.map(([name, answer, more]) => ({ name, answers: [answer], steps: twice, ...more }))

const fresh = responses([
  ['max-age is kept', kept()],
  ['max-age=0 with an entity tag is kept to be asked about', [200, { 'cache-control': 'max-age=0', etag: '"a"' }], { seven: 'it does not keep what is never fresh' }],
  ['max-age=0 without anything to ask by is not kept', [200, { 'cache-control': 'max-age=0' }]],
  ['a number that is none', [200, { 'cache-control': 'max-age=60s' }]],
  ['a number with a fraction', [200, { 'cache-control': 'max-age=1.5' }]],
  ['a number below zero', [200, { 'cache-control': 'max-age=-1' }]],
  ['a number in quotes', [200, { 'cache-control': 'max-age="60"' }]],
  ['a number that is too large', [200, { 'cache-control': 'max-age=99999999999' }]],
  ['white space before the sign', [200, { 'cache-control': 'max-age =60' }]],
  ['white space behind the sign', [200, { 'cache-control': 'max-age= 60' }]],
  ['a tab behind the sign', [200, { 'cache-control': 'max-age=\t60' }]],
  ['white space behind the number', [200, { 'cache-control': 'max-age=60 , public' }]],
  ['white space before the name', [200, { 'cache-control': 'public,\t max-age=60' }]],
  ['two ages, the shorter one last', [200, { 'cache-control': 'max-age=60, max-age=1, max-age=60' }]],
  ['a good age and a bad one', [200, { 'cache-control': 'max-age=60, max-age=x' }]],
  ['two fields', [200, { 'cache-control': ['max-age=60', 'no-store'] }]],
  ['no-store', [200, { 'cache-control': 'max-age=60, no-store' }]],
  ['no-store in capitals', [200, { 'cache-control': 'max-age=60, NO-STORE' }]],
  ['no-store with a value', [200, { 'cache-control': 'max-age=60, no-store=1' }]],
  ['no-store with a semicolon', [200, { 'cache-control': 'max-age=60; no-store' }]],
  ['no-store before a semicolon', [200, { 'cache-control': 'no-store; max-age=60' }]],
  ['no-store in quotes', [200, { 'cache-control': '"no-store", max-age=60' }]],
  ['no-store behind a quote that is never closed', [200, { 'cache-control': 'x="a, no-store, max-age=60' }]],
  ['no-store behind white space of another kind', [200, { 'cache-control': 'max-age=60,\u00a0no-store' }]],
  ['private', [200, { 'cache-control': 'private, max-age=60' }]],
  ['private in a private cache', [200, { 'cache-control': 'private, max-age=60' }], { options: { type: 'private' } }],
  ['private with a name of a field', [200, { 'cache-control': 'private=x-a, max-age=60', 'x-a': '1' }]],
  ['private with names of fields', [200, { 'cache-control': 'private="x-a, X-B", max-age=60', 'x-a': '1', 'x-b': '2', 'x-c': '3' }]],
  ['private with a list that is none', [200, { 'cache-control': 'private="x-a; x-b", max-age=60' }]],
  ['private with a quote that is never closed', [200, { 'cache-control': 'private="x-a, max-age=60' }]],
  ['private with names and without', [200, { 'cache-control': 'private="x-a", private, max-age=60' }]],
  ['no-cache', [200, { 'cache-control': 'no-cache, max-age=60', etag: '"a"' }]],
  ['no-cache alone with an entity tag', [200, { 'cache-control': 'no-cache', etag: '"a"' }]],
  ['no-cache alone', [200, { 'cache-control': 'no-cache' }]],
  ['no-cache with names of fields', [200, { 'cache-control': 'no-cache="set-cookie, x-a", max-age=60', 'x-a': '1' }]],
  ['s-maxage before max-age', [200, { 'cache-control': 'max-age=0, s-maxage=60' }]],
  ['s-maxage in a private cache', [200, { 'cache-control': 's-maxage=60' }], { options: { type: 'private' } }],
  ['s-maxage that is none', [200, { 'cache-control': 'max-age=60, s-maxage=x' }]],
  ['immutable', [200, { 'cache-control': 'immutable' }]],
  ['public alone', [200, { 'cache-control': 'public' }]],
  ['nothing', [200, {}]],
  ['nothing with cacheByDefault', [200, {}], { options: { cacheByDefault: 1000 } }],
  ['expires', [200, { expires: date(60) }]],
  ['expires in the past', [200, { expires: date(-60) }]],
  ['expires now', [200, { expires: date(0) }]],
  ['expires that is no date', [200, { expires: '0' }]],
  ['expires in the form of RFC 850', [200, { expires: 'Thursday, 01-Jan-26 00:01:00 GMT' }]],
  ['expires in the form of asctime', [200, { expires: 'Thu Jan  1 00:01:00 2026' }]],
  ['expires on a wrong day of the week', [200, { expires: 'Fri, 01 Jan 2026 00:01:00 GMT' }]],
  ['expires beside max-age', kept({ expires: date(-60) })],
  ['expires by a date of the server', [200, { expires: date(60), date: date(-60) }]],
  ['a date that is old', kept({ date: date(-30) })],
  ['a date that is too old', kept({ date: date(-60) })],
  ['a date that is to come', kept({ date: date(30) })],
  ['a date that is none', kept({ date: 'now' })],
  ['an age', kept({ age: '30' })],
  ['an age that is too old', kept({ age: '60' })],
  ['an age that is none', kept({ age: '1.5' })],
  ['an age that is too large', kept({ age: '99999999999999999999' })],
  ['two ages of the response', kept({ age: ['1', '2'] })],
  ['an age and a date', kept({ age: '10', date: date(-20) })],
  ['last-modified', [200, { 'last-modified': date(-600) }]],
  ['last-modified of a status that says nothing', [202, { 'last-modified': date(-600) }]],
  ['last-modified to come', [200, { 'last-modified': date(600) }]],
  ['a cookie', kept({ 'set-cookie': 'a=b' })],
  ['a cookie in a private cache', kept({ 'set-cookie': 'a=b' }), { options: { type: 'private' } }],
  ['an entity tag that is empty', kept({ etag: '""' })],
  ['an entity tag that is weak', kept({ etag: 'W/"a"' })],
  ['an entity tag without quotes', kept({ etag: 'a' })],
  ['fields of the connection', kept({ connection: 'close, x-hop', 'x-hop': '1', 'proxy-connection': 'a', te: 'b' })],
  ['vary', kept({ vary: 'Accept, x-a' })],
  ['vary with an asterisk', kept({ vary: 'accept, *' })],
  ['vary that is no list of names', kept({ vary: 'accept language' })],
  ['two vary fields', kept({ vary: ['accept', 'x-a'] })],
  ...[201, 203, 204, 206, 300, 301, 302, 307, 308, 400, 403, 404, 405, 410, 414, 500, 501, 503].map((statusCode) => [`a status ${statusCode}`, [statusCode, { 'cache-control': 'max-age=60' }]]),
  ...[302, 404, 500].map((statusCode) => [`a status ${statusCode} with last-modified alone`, [statusCode, { 'last-modified': date(-600) }]])
])

const authorized = ['max-age=60', 'max-age=60, public', 's-maxage=60', 'max-age=60, must-revalidate', 'max-age=60, public, no-cache="authorization"'].map((value) => ({
  name: `a request with authorization, and ${value}`,
  answers: [[200, { 'cache-control': value }]],
  steps: [get({ authorization: 'me' }), get({ authorization: 'me' })]
}))

const requests = [
  'no-store', 'no-cache', 'max-age=0', 'max-age=10', 'max-age=30', 'min-fresh=10', 'min-fresh=50', 'max-stale=5', 'max-stale', 'only-if-cached', 'no-cache="a"', 'max-age=x'
].map((value) => ({
  name: `a request that says ${value}`,
  answers: [kept({ etag: '"a"' })],
  steps: [{}, { tick: 20 }, says(value), {}]
})).concat([
  { name: 'a request with pragma', answers: [kept()], steps: [{}, get({ pragma: 'no-cache' })] },
  { name: 'a request with pragma and cache-control', answers: [kept()], steps: [{}, get({ pragma: 'no-cache', 'cache-control': 'max-age=60' })] },
  { name: 'a request that says no-store first', answers: [kept()], steps: [says('no-store'), {}, {}] },
  { name: 'only-if-cached where nothing is kept', answers: [kept()], steps: [says('only-if-cached')], seven: 'it tells no end', isEndlessInSeven: true },
  { name: 'only-if-cached where it is stale', answers: [kept()], steps: [{}, { tick: 61 }, says('only-if-cached')] },
  { name: 'max-stale where it is stale', answers: [kept()], steps: [{}, { tick: 70 }, says('max-stale=20'), says('max-stale=5')] },
  { name: 'max-stale and must-revalidate', answers: [kept({ 'cache-control': 'max-age=60, must-revalidate' })], steps: [{}, { tick: 70 }, says('max-stale=20')] },
  { name: 'a request with if-none-match', answers: [kept({ etag: '"a"' })], steps: [{}, get({ 'if-none-match': '"b"' })] },
  { name: 'a request with if-none-match and nothing kept', answers: [[304, { etag: '"b"' }]], steps: [get({ 'if-none-match': '"b"' })] },
  { name: 'fields in other forms', answers: [kept({ vary: 'Accept' })], steps: [get({ Accept: 'a' }), get(['accept', 'a', 'X', 'y']), get([['ACCEPT', 'a']]), get(new Map([['accept', 'a']])), get({ accept: 'b' })] },
  { name: 'fields that are several', answers: [kept({ vary: 'x-a' })], steps: [get({ 'x-a': ['1', '2'] }), get(['x-a', '1', 'X-A', '2']), get({ 'x-a': '1' })] },
  { name: 'fields that are none', answers: [kept()], steps: [get(['a'])] },
  { name: 'a query', answers: [kept()], steps: [{ query: { a: 1, b: 'c d' } }, { path: '/?a=1&b=c%20d' }, { path: '/?a=2' }] },
  { name: 'HEAD and GET', answers: [kept()], options: { methods: ['GET', 'HEAD'] }, steps: [{}, { method: 'HEAD' }, { method: 'HEAD' }, {}] },
  { name: 'HEAD, which is not kept', answers: [kept()], steps: [{}, { method: 'HEAD' }, { method: 'OPTIONS' }, {}] },
  { name: 'origins that are others', answers: [kept()], options: { origins: ['http://other', /^https/] }, steps: twice },
  { name: 'an origin by its pattern', answers: [kept()], options: { origins: [/127/] }, steps: twice }
])

const invalidations = ['POST', 'PUT', 'DELETE', 'PATCH'].map((method) => ({
  name: `${method} forgets`, answers: [kept()], steps: [{}, { method }, {}]
})).concat([
  { name: 'POST that failed does not forget', answers: (request) => request.method === 'POST' ? [500, {}] : kept(), steps: [{}, { method: 'POST' }, {}] },
  { name: 'POST that leads on forgets', answers: (request) => request.method === 'POST' ? [303, { location: '/a' }] : kept(), steps: [{}, { path: '/a' }, { method: 'POST' }, {}, { path: '/a' }] },
  { name: 'POST to another path does not forget', answers: [kept()], steps: [{}, { method: 'POST', path: '/a' }, {}] },
  { name: 'POST with content-location forgets that', answers: (request) => request.method === 'POST' ? [200, { 'content-location': 'b?c' }] : kept(), steps: [{ path: '/a/b?c' }, { method: 'POST', path: '/a/x' }, { path: '/a/b?c' }] },
  { name: 'POST with a location elsewhere does not forget here', answers: (request) => request.method === 'POST' ? [201, { location: 'http://other/a' }] : kept(), steps: [{ path: '/a' }, { method: 'POST' }, { path: '/a' }] }
])

const old = { 'cache-control': 'max-age=60', etag: '"a"', 'x-old': '1' }
const validated = [
  ['by a 304', [304, {}]],
  ['by a 304 with the same entity tag', [304, { etag: '"a"' }]],
  ['by a 304 with the same entity tag, weak', [304, { etag: 'W/"a"' }]],
  ['by a 304 with another entity tag', [304, { etag: '"b"' }]],
  ['by a 304 with cache-control', [304, { 'cache-control': 'max-age=90', 'x-new': '1' }]],
  ['by a 304 with no-store', [304, { 'cache-control': 'no-store' }]],
  ['by a 304 that is private', [304, { 'cache-control': 'private' }]],
  ['by a 304 with a cookie', [304, { 'set-cookie': 'a=b' }]],
  ['by a 304 with vary as an asterisk', [304, { vary: '*' }]],
  ['by a 304 with a field in vary', [304, { vary: 'x-more' }]],
  ['by a 200', kept()],
  ['by a 200 that is not to be kept', [200, { 'cache-control': 'no-store' }]],
  ['by a 404', [404, {}]],
  ['by a 500', [500, {}]],
  ['by a server that hangs up', null]
].map(([name, answer]) => ({
  name: `validated ${name}`,
  answers: (request, number) => number === 2 ? answer : [200, old],
  steps: [{}, { tick: 61 }, {}, {}]
})).concat([
  ['500', [500, {}]], ['504', [504, {}]], ['505', [505, {}]], ['404', [404, {}]], ['a server that hangs up', null]
].map(([name, answer]) => ({
  seven: answer === null ? 'a failed connection is no error to it' : undefined,
  name: `stale-if-error and ${name}`,
  answers: (request, number) => number > 1 ? answer : [200, { 'cache-control': 'max-age=60, stale-if-error=60', etag: '"a"' }],
  steps: [{}, { tick: 61 }, {}, { tick: 60 }, {}]
}))).concat([
  { name: 'stale-if-error of the request', answers: (request, number) => number > 1 ? [500, {}] : [200, old], steps: [{}, { tick: 61 }, says('stale-if-error=10'), { tick: 10 }, says('stale-if-error=10')] },
  { name: 'stale-if-error and must-revalidate', answers: (request, number) => number > 1 ? [500, {}] : [200, { 'cache-control': 'max-age=60, stale-if-error=60, must-revalidate' }], steps: [{}, { tick: 61 }, {}] },
  { name: 'stale-if-error and s-maxage', answers: (request, number) => number > 1 ? [500, {}] : [200, { 'cache-control': 's-maxage=60, stale-if-error=60' }], steps: [{}, { tick: 61 }, {}] },
  { name: 'last-modified is what is asked by', answers: [kept({ 'last-modified': date(-60) })], steps: [{}, { tick: 61 }, {}] },
  { name: 'last-modified that is none is not', answers: [kept({ 'last-modified': 'then' })], steps: [{}, { tick: 61 }, {}] },
  { name: 'vary is asked by too', answers: [kept({ vary: 'x-a', etag: '"a"' })], steps: [get({ 'X-A': '1' }), { tick: 61 }, get({ 'x-a': '1', 'X-B': '2' })] },
  { name: 'what is past its use is not asked about', answers: [kept({ etag: '"a"' })], steps: [{}, { tick: 121 }, {}] },
  { name: 'a body that is a text', answers: [kept({ etag: '"a"' })], steps: [{ body: 'a' }, { tick: 61 }, { body: 'a' }] }
])

const swr = { 'cache-control': 'max-age=60, stale-while-revalidate=60', etag: '"a"' }
const background = [
  { name: 'stale-while-revalidate by a new one', second: kept(), until: ['store closed', 2] },
  { name: 'stale-while-revalidate by a 304', second: [304, { 'cache-control': 'max-age=90', 'x-new': '1' }], until: ['store closed', 2] },
  { name: 'stale-while-revalidate by a 304 that says nothing', second: [304, {}], until: ['> ', 2] },
  { name: 'stale-while-revalidate by a failure', second: [500, {}], until: ['> ', 2] },
  { name: 'stale-while-revalidate, and its server hangs up', second: null, until: ['> ', 2] }
].map(({ name, second, until }) => ({
  // One that was not renewed is asked about again.
  name, answers: (request, number) => number === 2 ? second : [200, swr], steps: [{}, { tick: 61 }, { until }, { until: until[0] === '> ' ? ['> ', 3] : ['store closed', 2] }]
})).concat([
  { name: 'stale-while-revalidate is over', answers: [[200, swr]], steps: [{}, { tick: 121 }, {}] },
  { name: 'stale-while-revalidate and must-revalidate', answers: [[200, { ...swr, 'cache-control': 'max-age=60, stale-while-revalidate=60, must-revalidate' }]], steps: [{}, { tick: 61 }, {}] },
  { name: 'stale-while-revalidate and no-cache', answers: [[200, swr]], steps: [{}, { tick: 61 }, says('no-cache')] }
])

const redirect = (options) => ({ redirect }) => [redirect({ maxRedirections: 2, ...options })]
const leads = (fields, last = kept()) => (request) => request.url === '/' ? [302, { location: '/end', ...fields }] : last
const redirects = [
  ['that may be kept', leads({ 'cache-control': 'max-age=30' })],
  ['that says nothing', leads({})],
  ['with no-store', leads({ 'cache-control': 'no-store' })],
  ['with no-cache', leads({ 'cache-control': 'max-age=30, no-cache' })],
  ['that is private', leads({ 'cache-control': 'max-age=30, private' })],
  ['with vary', leads({ 'cache-control': 'max-age=30', vary: 'cookie' })],
  ['with vary as an asterisk', leads({ 'cache-control': 'max-age=30', vary: '*' })],
  ['with a cookie', leads({ 'cache-control': 'max-age=30', 'set-cookie': 'a=b' })],
  ['with s-maxage, before one that may be stale', leads({ 'cache-control': 's-maxage=30' }, kept({ 'cache-control': 'max-age=60, stale-while-revalidate=10' }))]
].map(([name, answers]) => ({ name: `behind a redirect ${name}`, before: redirect(), answers, steps: twice })).concat([
  { name: 'behind a redirect with credentials', before: redirect(), answers: leads({ 'cache-control': 'max-age=30' }, kept({ 'cache-control': 'max-age=60, public' })), steps: [get({ cookie: 'a=b' }), get({ cookie: 'a=b' })] },
  { name: 'a redirect that is validated', before: redirect(), answers: (request, number) => number > 2 && request.url === '/end' ? [304, {}] : leads({ 'cache-control': 'max-age=30' })(request), steps: [{}, { tick: 61 }, {}] }
])

const stores = [
  { name: 'a store that takes its time', store: (store) => ({ ...store, get: async (key) => store.get(key) }), answers: [kept()], steps: [{}, {}, { method: 'POST' }, {}, { tick: 61 }, {}] },
  { name: 'a store that rejects', store: (store) => ({ ...store, get: async () => { throw new Error('mine') } }), answers: [kept()], steps: [{}] },
  { name: 'a store that throws', store: (store) => ({ ...store, get () { throw new Error('mine') } }), answers: [kept()], steps: [{}] },
  { name: 'a store that keeps nothing', store: (store) => ({ ...store, createWriteStream () {} }), answers: [kept()], steps: twice },
  { name: 'a store whose stream fails', isRefused: true, store: (store) => ({ ...store, createWriteStream: (key, value) => store.createWriteStream(key, value).destroy(new Error('mine')) }), answers: [kept()], steps: [{ until: ['store delete', 1] }] },
  { name: 'a store that gives a text', store: (store, own) => ({ ...store, get: (key) => { const found = own.get(key); return found && { ...found, body: found.body.join('') } } }), answers: [kept()], steps: twice },
  { name: 'a store that gives a cookie', store: (store, own) => ({ ...store, get: (key) => { const found = own.get(key); return found && { ...found, headers: { ...found.headers, 'set-cookie': 'a=b' } } } }), answers: [kept()], steps: twice },
  { name: 'a store that gives what is past its use', store: (store, own) => ({ ...store, get: (key) => { const found = own.get(key); return found && { ...found, deleteAt: 1 } } }), answers: [kept()], steps: twice },
  { name: 'a store that is told to fail at forgetting', store: (store) => ({ ...store, delete: async () => { throw new Error('mine') } }), answers: [kept()], steps: [{}, { method: 'POST' }] }
]

const ends = [
  { name: 'an abort at the start of a kept response', answers: [kept()], steps: [{}, { on: { start: (control) => control.abort(new Error('mine')) } }] },
  { name: 'an abort at the head of a kept response', answers: [kept()], steps: [{}, { on: { head: (control) => control.abort(new Error('mine')) } }] },
  { name: 'an abort in the content of a kept response', answers: [kept()], steps: [{}, { on: { data: (control) => control.abort(new Error('mine')) } }] },
  { name: 'an exception at the start of a kept response', answers: [kept()], steps: [{}, { on: { start () { throw new Error('mine') } } }] },
  { name: 'an exception at the head of a kept response', answers: [kept()], steps: [{}, { on: { head () { throw new Error('mine') } } }] },
  { name: 'an exception in the content of a kept response', answers: [kept()], steps: [{}, { on: { data () { throw new Error('mine') } } }] },
  { name: 'an exception at the head of a response that is kept', isRefused: true, answers: [kept()], steps: [{ on: { head () { throw new Error('mine') } }, until: ['store closed', 1] }, {}] },
  { name: 'an abort at the head of a response that is kept', isRefused: true, answers: [kept()], steps: [{ on: { head: (control) => control.abort(new Error('mine')) }, until: ['store closed', 1] }, {}] },
  { name: 'a response that is cut off is not kept', isRefused: true, answers: [[200, { 'cache-control': 'max-age=60', 'content-length': '100' }]], steps: [{ until: ['store closed', 1] }, { until: ['store closed', 2] }] }
]

module.exports = [
  ...fresh, ...authorized, ...requests, ...invalidations, ...validated, ...background, ...redirects, ...stores, ...ends
]
