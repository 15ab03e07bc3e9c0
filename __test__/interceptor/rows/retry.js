'use strict'

// What the retry interceptor sends again, when, and what it makes of what comes then.

const { Readable } = require('node:stream')

const QUICK = { minTimeout: 1, maxTimeout: 5, maxRetries: 2 }
const use = (options) => ({ retry }) => [retry({ ...QUICK, ...options })]
const START = 'undici 6 tells of no further start'
const LATER = 'undici 6 does not do that yet'

const statuses = (...codes) => (request, response, { number }) =>
  response.writeHead(codes[Math.min(number, codes.length) - 1], { 'content-type': 'text/plain' }).end('ok')
const resets = (times) => (request, response, { number }) => number > times ? response.end('ok') : request.socket.destroy()

/** The first response breaks off behind `hello`, the next is `rest(response)`. */
const broken = (head, rest) => (request, response, { number }) => {
  if (number > 1) {
    rest(response)
  } else {
    response.writeHead(200, head)
    response.write('hello', () => request.socket.end())
  }
}
const HEAD = { 'content-length': 10, etag: '"a"' }
const rest = (head) => (response) => response.writeHead(206, { 'content-range': 'bytes 5-9/10', 'content-length': 5, etag: '"a"', ...head }).end('world')

const FINE = ['head 200 OK', 'data ok', 'end']
const FAILED = 'error RequestRetryError UND_ERR_REQ_RETRY Request failed 503'
const resumed = (...fields) => ['> GET /', `> GET / ${fields.join(', ')}`]
const TAGGED = resumed('range: bytes=5-9', 'if-match: "a"')
const mismatch = (what, statusCode) => ['start', 'head 200 OK', 'data hello', `error RequestRetryError UND_ERR_REQ_RETRY ${what} ${statusCode}`]
const GET = '> GET /'

module.exports = [
  { name: 'a request whose connection broke is sent again', answer: resets(2), six: START, sees: ['start', 'start', 'start', ...FINE, GET, GET, GET] },
  { name: 'after as many retries as are allowed the error is heard', answer: resets(9), six: START, sees: ['start', 'start', 'start', 'error SocketError UND_ERR_SOCKET other side closed', GET, GET, GET] },
  { name: 'a request that a status refuses is sent again', answer: statuses(503, 502, 200), six: START, sees: ['start', 'start', 'start', ...FINE, GET, GET, GET] },
  { name: 'a status that stays is an error', answer: statuses(503), six: START, sees: ['start', 'start', 'start', FAILED, GET, GET, GET] },
  { name: 'without throwOnError a status that stays is the response', use: use({ throwOnError: false }), answer: statuses(503), six: LATER, sees: ['start', 'start', 'start', 'head 503 Service Unavailable', 'data ok', 'end', GET, GET, GET] },
  { name: 'without throwOnError a request is sent again too', use: use({ throwOnError: false }), answer: statuses(503, 200), six: LATER, sees: ['start', 'start', ...FINE, GET, GET] },
  { name: 'a status that is not to be retried is the response', answer: statuses(404), sees: ['start', 'head 404 Not Found', 'data ok', 'end', GET] },
  { name: 'a status that is to be retried is the user\'s to say', use: use({ statusCodes: [404] }), answer: statuses(404, 200), six: START, sees: ['start', 'start', ...FINE, GET, GET] },
  { name: 'no retry at all is a number of retries', use: use({ maxRetries: 0 }), answer: statuses(503, 200), six: START, sees: ['start', FAILED, GET] },
  { name: 'a POST is not sent again', options: { method: 'POST', body: 'x' }, answer: resets(1), sees: ['start', 'error SocketError UND_ERR_SOCKET other side closed', '> POST / content-length: 1 x'] },
  { name: 'a POST that a status refuses is not sent again', options: { method: 'POST', body: 'x' }, answer: statuses(503, 200), sees: ['start', FAILED, '> POST / content-length: 1 x'] },
  { name: 'a POST is sent again where that is asked for', use: use({ methods: ['POST'] }), options: { method: 'POST', body: 'x' }, answer: statuses(503, 200), six: START, sees: ['start', 'start', ...FINE, '> POST / content-length: 1 x', '> POST / content-length: 1 x'] },
  { name: 'a PATCH is not sent again', options: { method: 'PATCH' }, answer: statuses(503, 200), sees: ['start', FAILED, '> PATCH / content-length: 0'] },
  { name: 'a stream that was read cannot be sent again', options: () => ({ method: 'PUT', body: Readable.from(['x']) }), answer: statuses(503, 200), sees: ['start', FAILED, '> PUT /  x'] },
  { name: 'an error code that is not to be retried is heard', use: use({ errorCodes: [] }), answer: resets(1), sees: ['start', 'error SocketError UND_ERR_SOCKET other side closed', GET] },
  { name: 'the options of a request win', options: { retryOptions: { maxRetries: 0 } }, answer: statuses(503, 200), six: 'undici 6 does not take them', sees: ['start', FAILED, GET] },
  {
    name: 'a server may ask to come again at once',
    use: use({ minTimeout: 60_000, maxTimeout: 60_000 }),
    answer: (request, response, { number }) => number > 1 ? response.end('ok') : response.writeHead(429, { 'retry-after': '0' }).end(),
    six: START,
    sees: ['start', 'start', ...FINE, GET, GET]
  },
  {
    name: 'a server may ask to come again in seconds',
    use: use({ minTimeout: 60_000, maxTimeout: 60_000 }),
    answer: (request, response, { number }) => number > 1 ? response.end('ok') : response.writeHead(429, { 'retry-after': '0.01' }).end(),
    six: START,
    sees: ['start', 'start', ...FINE, GET, GET]
  },
  {
    name: 'a server may ask to come again at a date',
    use: use({ minTimeout: 60_000, maxTimeout: 60_000 }),
    answer: (request, response, { number }) => number > 1 ? response.end('ok') : response.writeHead(429, { 'retry-after': new Date(Date.now() + 1500).toUTCString() }).end(),
    six: START,
    sees: ['start', 'start', ...FINE, GET, GET]
  },
  {
    name: 'what a server asks for is not heeded without retryAfter',
    use: use({ retryAfter: false }),
    answer: (request, response, { number }) => number > 1 ? response.end('ok') : response.writeHead(429, { 'retry-after': '60' }).end(),
    six: LATER,
    sees: ['start', 'start', ...FINE, GET, GET]
  },
  {
    name: 'a policy of the user\'s decides',
    use: use({ retry: (error, { state }, answer) => answer(state.counter > 1 ? error : null) }),
    answer: statuses(503),
    six: START,
    sees: ['start', 'start', FAILED, GET, GET]
  },
  {
    name: 'a policy of the user\'s may give up with an error of its own',
    use: use({ retry: (error, context, answer) => answer(new TypeError(`no more of ${error.statusCode}`)) }),
    answer: statuses(503),
    sees: ['start', 'error TypeError no more of 503', GET]
  },
  { name: 'a content that broke off is continued', answer: broken(HEAD, rest()), sees: ['start', 'head 200 OK', 'data helloworld', 'end', ...TAGGED] },
  {
    name: 'the range and the condition of the user make way',
    options: { headers: ['a', 'b', 'Range', 'bytes=0-9', 'If-Match', '"b"'] },
    answer: broken(HEAD, rest()),
    six: 'undici 6 makes an object of the array',
    sees: ['start', 'head 200 OK', 'data helloworld', 'end', '> GET / a: b, range: bytes=0-9, if-match: "b"', '> GET / a: b, range: bytes=5-9, if-match: "a"']
  },
  { name: 'a weak tag is no condition', answer: broken({ ...HEAD, etag: 'W/"a"' }, rest({ etag: 'W/"b"' })), sees: ['start', 'head 200 OK', 'data helloworld', 'end', ...resumed('range: bytes=5-9')] },
  { name: 'a rest with another tag is of another content', answer: broken(HEAD, rest({ etag: '"b"' })), six: LATER, sees: [...mismatch('ETag mismatch', 206), ...TAGGED] },
  { name: 'a rest that begins elsewhere is refused', answer: broken(HEAD, rest({ 'content-range': 'bytes 4-8/10' })), six: LATER, sees: [...mismatch('Content-Range mismatch', 206), ...TAGGED] },
  { name: 'a rest that ends elsewhere is refused', answer: broken(HEAD, rest({ 'content-range': 'bytes 5-10/11', 'content-length': 6 })), six: LATER, sees: [...mismatch('Content-Range mismatch', 206), ...TAGGED] },
  { name: 'a rest of another length than it says is refused', answer: broken(HEAD, (response) => response.writeHead(206, { 'content-range': 'bytes 5-9/10', 'content-length': 4, etag: '"a"' }).end('worl')), six: LATER, sees: [...mismatch('Content-Length mismatch', 206), ...TAGGED] },
  { name: 'a rest whose range is nonsense is refused', answer: broken(HEAD, rest({ 'content-range': 'lines 5-9/10' })), six: LATER, sees: [...mismatch('Content-Range mismatch', 206), ...TAGGED] },
  { name: 'a server that sends all of it again is refused', answer: broken(HEAD, (response) => response.writeHead(200, HEAD).end('helloworld')), six: LATER, sees: [...mismatch('server does not support the range header and the payload was partially consumed', 200), ...TAGGED] },
  {
    name: 'a partial content that broke off is continued where it broke off',
    answer: (request, response, { number }) => {
      if (number > 1) {
        response.writeHead(206, { 'content-range': 'bytes 15-19/20', 'content-length': 5 }).end('world')
      } else {
        response.writeHead(206, { 'content-range': 'bytes 10-19/20', 'content-length': 10 })
        response.write('hello', () => request.socket.end())
      }
    },
    options: { headers: { range: 'bytes=10-19' } },
    sees: ['start', 'head 206 Partial Content', 'data helloworld', 'end', '> GET / range: bytes=10-19', '> GET / range: bytes=15-19']
  }
].map((row) => ({ use: use(), ...row }))
