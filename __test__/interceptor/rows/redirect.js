'use strict'

// What the redirect interceptor does, and what it lets go of on the way.

const { Readable } = require('node:stream')

const use = (options) => ({ redirect }) => [redirect({ maxRedirections: 2, ...options })]
const MAPS = 'undici 6 knows objects and flat arrays of fields only'
const NEWER = 'undici 6 does not have it'

/** Answers the first request with a redirect, and every other one with `fine`. */
const to = (statusCode, location = '/end') => (request, response, { number, port }) => {
  if (number > 1) {
    response.end('fine')
  } else {
    response.writeHead(statusCode, location === null ? {} : { location: location.replace('PORT', port) }).end('moved')
  }
}

const forever = (request, response, { number }) => response.writeHead(302, { location: `/${number}` }).end()
const FINE = ['head 200 OK', 'data fine', 'end']
const SECRETS = [['Authorization', 'a'], ['COOKIE', 'b'], ['proxy-authorization', 'c'], ['x-kept', 'd']]
const ELSEWHERE = 'http://localhost:PORT/end'
const ASKED_WITH_SECRETS = '> GET / authorization: a, cookie: b, proxy-authorization: c, x-kept: d'

const rows = [
  {
    name: 'a redirect is followed and its content is not heard',
    answer: to(302, '/end?a=1#b'),
    sees: ['start', 'start /', ...FINE, '> GET /', '> GET /end?a=1']
  },
  {
    name: 'the query of the request is not sent to the next URL',
    options: { query: { a: 1 } },
    answer: to(302),
    sees: ['start', 'start /', ...FINE, '> GET /?a=1', '> GET /end']
  },
  {
    name: 'a redirect from a URL with a query to the one without is no loop',
    options: { query: { a: 1 } },
    answer: to(302, '/'),
    eight: 'it takes it for one',
    six: 'it does not look for loops',
    sees: ['start', 'start /', ...FINE, '> GET /?a=1', '> GET /']
  },
  {
    name: 'a redirect to a URL that was visited is refused',
    answer: to(302, '/'),
    six: NEWER,
    sees: ['start', 'error InvalidArgumentError UND_ERR_INVALID_ARG Redirect loop detected. Cannot redirect to http://127.0.0.1:PORT. This typically happens when using a Client or Pool with cross-origin redirects. Use an Agent for cross-origin redirects.', '> GET /']
  },
  {
    name: 'a path that begins with two slashes names no host that a location could be of',
    options: { path: '//b.invalid/x' },
    answer: to(302),
    eight: 'it goes to b.invalid',
    six: 'it goes to b.invalid',
    sees: ['start', 'start //b.invalid/x', ...FINE, '> GET //b.invalid/x', '> GET /end']
  },
  {
    name: 'nor one to which credentials could go on',
    options: ({ port }) => ({ path: `//localhost:${port}/x`, headers: SECRETS.flat() }),
    answer: to(302, ELSEWHERE),
    eight: 'its history has another URL',
    six: 'its history has another URL',
    sees: ['start', 'start //localhost:PORT/x', ...FINE, '> GET //localhost:PORT/x authorization: a, cookie: b, proxy-authorization: c, x-kept: d', '> GET /end x-kept: d']
  },
  {
    name: 'a redirect without a Location is the response',
    answer: to(302, null),
    sees: ['start', 'head 302 Found', 'data moved', 'end', '> GET /']
  },
  {
    name: 'a status that is none of a redirect is not followed',
    answer: to(304),
    sees: ['start', 'head 304 Not Modified', 'end', '> GET /']
  },
  {
    name: 'the last redirect that is allowed is the response',
    answer: forever,
    sees: ['start', 'start /', 'start / /1', 'head 302 Found', 'end', '> GET /', '> GET /1', '> GET /2']
  },
  {
    name: 'with throwOnMaxRedirect one redirect too many is an error',
    use: use({ throwOnMaxRedirect: true }),
    options: { throwOnMaxRedirect: true },
    answer: forever,
    six: 'it raises an Error',
    sees: ['start', 'start /', 'start / /1', 'error MaxRedirectsError UND_ERR_REDIRECT_MAX max redirects', '> GET /', '> GET /1', '> GET /2']
  },
  {
    name: 'the limit of a request wins over that of the interceptor',
    options: { maxRedirections: 1 },
    answer: forever,
    sees: ['start', 'start /', 'head 302 Found', 'end', '> GET /', '> GET /1']
  },
  {
    name: 'a request with the limit 0 is not led on',
    options: { maxRedirections: 0 },
    answer: forever,
    sees: ['start', 'head 302 Found', 'end', '> GET /']
  },
  {
    name: 'a limit that is no whole number is refused',
    use: use({ maxRedirections: -1 }),
    answer: forever,
    sees: ['threw InvalidArgumentError UND_ERR_INVALID_ARG maxRedirections must be a positive number']
  },
  {
    name: 'a redirect to another scheme is refused',
    answer: to(302, 'ftp://127.0.0.1/end'),
    sees: ['start', 'error InvalidArgumentError UND_ERR_INVALID_ARG Invalid URL protocol: the URL must start with `http:` or `https:`.', '> GET /']
  },
  {
    name: 'a redirect to no URL is refused',
    answer: to(302, 'http://['),
    sees: ['start', 'error TypeError ERR_INVALID_URL Invalid URL', '> GET /']
  },
  {
    name: 'a host field is for the URL that it was given for',
    options: { headers: { Host: 'example.com' } },
    answer: (request, response, context) => context.number === 1 ? to(302)(request, response, context) : response.end(`${request.headers.host === `127.0.0.1:${context.port}`}`),
    sees: ['start', 'start /', 'head 200 OK', 'data true', 'end', '> GET /', '> GET /end']
  },
  {
    name: 'fields that shall be stripped are stripped on every redirect',
    use: use({ stripHeadersOnRedirect: ['X-Kept'] }),
    options: { headers: { 'x-kept': 'd', 'x-other': 'e' } },
    answer: to(302),
    six: NEWER,
    sees: ['start', 'start /', ...FINE, '> GET / x-kept: d, x-other: e', '> GET /end x-other: e']
  },
  {
    name: 'fields that shall be stripped across origins stay within one',
    use: use({ stripHeadersOnCrossOriginRedirect: ['X-Kept'] }),
    options: { headers: { 'x-kept': 'd' } },
    answer: to(302),
    six: NEWER,
    sees: ['start', 'start /', ...FINE, '> GET / x-kept: d', '> GET /end x-kept: d']
  },
  {
    name: 'fields that shall be stripped across origins are',
    use: use({ stripHeadersOnCrossOriginRedirect: ['X-Kept'] }),
    options: { headers: { 'x-kept': 'd' } },
    answer: to(302, ELSEWHERE),
    six: NEWER,
    sees: ['start', 'start /', ...FINE, '> GET / x-kept: d', '> GET /end']
  },
  {
    name: 'names of fields to strip are an array',
    use: use({ stripHeadersOnRedirect: 'x-kept' }),
    answer: to(302),
    six: NEWER,
    sees: ['threw InvalidArgumentError UND_ERR_INVALID_ARG stripHeadersOnRedirect must be an array']
  },
  {
    name: 'a body that was read cannot be sent again, and the redirect is the response',
    options: () => ({ method: 'POST', body: Readable.from(['hi']) }),
    answer: to(307),
    sees: ['start', 'head 307 Temporary Redirect', 'data moved', 'end', '> POST /  hi']
  },
  {
    name: 'an iterator that was read cannot be sent again either',
    options: () => ({ method: 'POST', body: (function * () { yield 'hi' })() }),
    answer: to(307),
    eight: 'it sends the rest of it, which is nothing',
    six: 'it sends the rest of it, which is nothing',
    sees: ['start', 'head 307 Temporary Redirect', 'data moved', 'end', '> POST /  hi']
  },
  {
    name: 'a 303 is followed without the body, also after one that was read',
    options: () => ({ method: 'POST', body: Readable.from(['hi']) }),
    answer: to(303),
    six: 'it does not follow that',
    sees: ['start', 'start /', ...FINE, '> POST /  hi', '> GET /end']
  }
]

for (const [form, headers, lacks] of [
  ['object', Object.fromEntries(SECRETS)],
  ['flat array', SECRETS.flat()],
  ['Map', new Map(SECRETS), MAPS],
  ['Headers', new Headers(SECRETS), MAPS],
  ['iterable', { * [Symbol.iterator] () { yield * SECRETS } }, MAPS]
]) {
  rows.push(
    { name: `credentials in an ${form} stay with their origin`, options: { headers }, answer: to(302, ELSEWHERE), six: lacks, sees: ['start', 'start /', ...FINE, ASKED_WITH_SECRETS, '> GET /end x-kept: d'] },
    { name: `credentials in an ${form} go on within their origin`, options: { headers }, answer: to(302), six: lacks, sees: ['start', 'start /', ...FINE, ASKED_WITH_SECRETS, ASKED_WITH_SECRETS.replace('/', '/end')] }
  )
}

const CONTENT = 'content-type: text/plain, x-kept: d, content-length: 2 hi'
for (const [statusCode, method, next] of [
  [300, 'POST', 'POST'], [301, 'POST', 'GET'], [302, 'POST', 'GET'], [303, 'POST', 'GET'], [307, 'POST', 'POST'], [308, 'POST', 'POST'],
  [301, 'PUT', 'PUT'], [302, 'PUT', 'PUT'], [303, 'PUT', 'GET'], [307, 'PUT', 'PUT']
]) {
  rows.push({
    name: `a ${statusCode} after ${method} is followed with ${next}`,
    options: { method, body: 'hi', headers: { 'content-type': 'text/plain', 'x-kept': 'd' } },
    answer: to(statusCode),
    six: method === 'POST' && next === 'GET' && statusCode !== 303 ? 'it posts again' : undefined,
    sees: ['start', 'start /', ...FINE, `> ${method} / ${CONTENT}`, next === 'GET' ? '> GET /end x-kept: d' : `> ${next} /end ${CONTENT}`]
  })
}
rows.push({ name: 'a 303 after HEAD is followed with HEAD', options: { method: 'HEAD' }, answer: to(303), sees: ['start', 'start /', 'head 200 OK', 'end', '> HEAD /', '> HEAD /end'] })

module.exports = rows.map((row) => ({ use: use(), ...row }))
