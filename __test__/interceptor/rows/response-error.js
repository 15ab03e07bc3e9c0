'use strict'

// What the responseError interceptor makes an error of.

const use = (options) => ({ responseError }) => [responseError(options)]
const six = 'undici 6 does not export it'
const says = (statusCode, type, content) => (request, response) => response.writeHead(statusCode, type === null ? {} : { 'content-type': type }).end(content)

module.exports = [
  { name: 'a response that is fine is heard', answer: says(399, 'text/plain', 'ok'), sees: ['start', 'head 399 unknown', 'data ok', 'end', '> GET /'] },
  { name: 'JSON is parsed', answer: says(400, 'application/json; charset=utf-8', '{"a":[1]}'), sees: ['start', 'error ResponseError UND_ERR_RESPONSE Response Error 400 {"a":[1]}', '> GET /'] },
  { name: 'JSON that is none is text', answer: says(400, 'application/json', '{a'), sees: ['start', 'error ResponseError UND_ERR_RESPONSE Response Error 400 "{a"', '> GET /'] },
  { name: 'text is text', answer: says(503, 'text/plain', 'é'), sees: ['start', 'error ResponseError UND_ERR_RESPONSE Response Error 503 "é"', '> GET /'] },
  { name: 'other content is left out', answer: says(503, 'image/png', 'x'), sees: ['start', 'error ResponseError UND_ERR_RESPONSE Response Error 503 ""', '> GET /'] },
  { name: 'content without a type is left out', answer: says(404, null, 'x'), sees: ['start', 'error ResponseError UND_ERR_RESPONSE Response Error 404 ""', '> GET /'] },
  { name: 'content beyond maxSize is cut off, and not parsed', use: use({ maxSize: 3 }), answer: says(400, 'application/json', '123456'), sees: ['start', 'error ResponseError UND_ERR_RESPONSE Response Error 400 "123" truncated', '> GET /'] },
  { name: 'content as large as maxSize is whole', use: use({ maxSize: 3 }), answer: says(400, 'application/json', '123'), sees: ['start', 'error ResponseError UND_ERR_RESPONSE Response Error 400 123', '> GET /'] }
].map((row) => ({ use: use(), six, ...row }))
