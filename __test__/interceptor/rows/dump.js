'use strict'

// What the dump interceptor throws away.

const use = (options) => ({ dump }) => [dump(options)]
const big = (request, response) => response.writeHead(200, { 'content-length': 100 }).end('x'.repeat(100))
const chunked = (request, response) => { response.write('x'.repeat(60)); response.end('x'.repeat(40)) }
const TOO_BIG = 'error AbortError UND_ERR_ABORTED Response size (100) larger than maxSize (99)'

module.exports = [
  { name: 'the content is not heard', use: use(), answer: big, sees: ['start', 'head 200 OK', 'end', '> GET /'] },
  { name: 'a content as large as is allowed is not heard', use: use({ maxSize: 100 }), answer: chunked, sees: ['start', 'head 200 OK', 'end', '> GET /'] },
  { name: 'a content that says it is larger than is allowed is aborted before its head is heard', use: use({ maxSize: 99 }), answer: big, sees: ['start', TOO_BIG, '> GET /'] },
  { name: 'a content that becomes larger than is allowed is aborted', use: use({ maxSize: 50 }), answer: (request, response) => response.write('x'.repeat(60)), six: 'undici 6 ends such a response', sees: ['start', 'head 200 OK', 'error AbortError UND_ERR_ABORTED Response size (60) larger than maxSize (50)', '> GET /'] },
  { name: 'the size of a request wins', use: use({ maxSize: 1000 }), options: { dumpMaxSize: 99 }, answer: big, sees: ['start', TOO_BIG, '> GET /'] },
  { name: 'a size is a number', use: use({ maxSize: 0 }), answer: big, sees: ['threw InvalidArgumentError UND_ERR_INVALID_ARG maxSize must be a number greater than 0'] }
]
