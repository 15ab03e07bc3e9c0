'use strict'

// What the decompress interceptor undoes, and what it leaves as it is.

const zlib = require('node:zlib')

const use = (options) => ({ decompress }) => [decompress(options)]
const six = 'undici 6 does not have it'
const TEXT = 'twelve '.repeat(20)

const answer = (coding, content, statusCode = 200) => (request, response) =>
  response.writeHead(statusCode, { 'content-encoding': coding, 'content-length': content.length }).end(content)
const seen = (text = TEXT, status = '200 OK') => ['start', `head ${status}`, `data ${text}`.trimEnd(), 'end', '> GET /']
const failed = (line) => ['start', 'head 200 OK', `error ${line}`, '> GET /']

const gzip = zlib.gzipSync(TEXT)
const bad = Buffer.from(gzip)
bad[bad.length - 6] ^= 0xff

const codings = [
  ['gzip', 'gzip', gzip],
  ['gzip in other letters', 'GZip', gzip],
  ['x-gzip', 'x-gzip', gzip],
  ['deflate in zlib\'s format', 'deflate', zlib.deflateSync(TEXT)],
  ['br', 'br', zlib.brotliCompressSync(TEXT)]
]
if (zlib.zstdCompressSync !== undefined) {
  codings.push(['zstd', 'zstd', zlib.zstdCompressSync(TEXT)])
}

module.exports = [
  ...codings.map(([name, coding, content]) => ({ name: `${name} is undone`, answer: answer(coding, content), sees: seen() })),
  { name: 'deflate without zlib\'s format is undone', answer: answer('deflate', zlib.deflateRawSync(TEXT)), eight: 'it fails', sees: seen() },
  { name: 'the layers are undone from the last to the first', answer: answer('br, gzip', zlib.gzipSync(zlib.brotliCompressSync(TEXT))), sees: seen() },
  { name: 'five layers are undone', answer: answer('gzip,gzip,gzip,gzip,gzip', [1, 2, 3, 4, 5].reduce((content) => zlib.gzipSync(content), TEXT)), sees: seen() },
  { name: 'six layers are refused', answer: answer('gzip,gzip,gzip,gzip,gzip,gzip', gzip), sees: ['start', 'error Error too many content-encodings in response: 6, maximum allowed is 5', '> GET /'] },
  { name: 'a coding that is not known is left as it is', answer: answer('compress', Buffer.from('abc')), sees: seen('abc') },
  { name: 'a known coding beneath one that is not known is left as it is', answer: answer('gzip, own', Buffer.from('abc')), sees: seen('abc') },
  { name: 'content without a coding is left as it is', answer: (request, response) => response.end('abc'), sees: seen('abc') },
  { name: 'an error response is left as it is', answer: answer('gzip', Buffer.from('abc'), 404), sees: seen('abc', '404 Not Found') },
  { name: 'an error response is undone where that is asked for', use: use({ skipErrorResponses: false }), answer: answer('gzip', gzip, 404), sees: seen(TEXT, '404 Not Found') },
  { name: 'statuses may be left out', use: use({ skipStatusCodes: [201] }), answer: answer('gzip', Buffer.from('abc'), 201), sees: seen('abc', '201 Created') },
  { name: 'the answer to HEAD has no content', options: { method: 'HEAD' }, answer: (request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(), sees: ['start', 'head 200 OK', 'end', '> HEAD /'] },
  ...codings.map(([name, coding, content]) => ({ name: `${name} that ends too soon is an error`, answer: answer(coding, content.subarray(0, 2)), eight: coding === 'zstd' && process.versions.node.startsWith('22.') ? 'it takes it for a whole one on Node 22' : undefined, sees: failed('Error Z_BUF_ERROR unexpected end of file') })),
  ...['gzip', 'deflate', 'br'].map((coding) => ({ name: `${coding} without an octet is an error`, answer: answer(coding, Buffer.alloc(0)), sees: failed('Error Z_BUF_ERROR unexpected end of file') })),
  { name: 'content with a wrong sum is an error', answer: answer('gzip', bad), sees: failed('Error Z_DATA_ERROR incorrect data check') },
  { name: 'content that is none is an error', answer: answer('gzip', Buffer.from('abcdefghijkl')), sees: failed('Error Z_DATA_ERROR incorrect header check') },
  ...[['gzip', '\0abc'], ['deflate', 'abc'], ['br', 'abc']].map(([coding, rest]) => ({ name: `what follows ${coding} is passed over`, answer: answer(coding, Buffer.concat([codings.find(([name]) => name.startsWith(coding))[2], Buffer.from(rest)])), sees: seen() })),
  { name: 'another member of gzip is content as well', answer: answer('gzip', Buffer.concat([gzip, gzip])), sees: seen(TEXT + TEXT) },
  { name: 'what follows gzip and is no member is an error', answer: answer('gzip', Buffer.concat([gzip, Buffer.from('abc')])), sees: failed('Error Z_DATA_ERROR incorrect header check') },
  { name: 'content as large as maxSize is whole', use: use({ maxSize: TEXT.length }), answer: answer('gzip', gzip), sees: seen() },
  { name: 'content larger than maxSize is an error', use: use({ maxSize: TEXT.length - 1 }), answer: answer('gzip', gzip), sees: failed(`ResponseExceededMaxSizeError UND_ERR_RES_EXCEEDED_MAX_SIZE Decompressed response size (${TEXT.length}) exceeded maxSize (${TEXT.length - 1})`) },
  { name: 'a layer larger than maxSize is an error', use: use({ maxSize: 1000 }), answer: answer('gzip, gzip', zlib.gzipSync(Buffer.alloc(5000))), sees: failed('ResponseExceededMaxSizeError UND_ERR_RES_EXCEEDED_MAX_SIZE Decompressed response size (5000) exceeded maxSize (1000)') }
].map((row) => ({ use: use(), six, ...row }))
