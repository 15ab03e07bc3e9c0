// How the misbehaving server answers: a row per way, played by the server (server.mjs) and judged by the client
// (chaos.mjs). The request names its row, its id and the length of the body: `/row/id/length`.
//
// `fails`: the codes of the error that the request has to end with; without it the answer is good and has to arrive,
// unless an answer before it has ruined the connection. `isFault`: the server misbehaves. `head`: also for HEAD.
// `alone`: not among pipelined requests, where nobody could tell whose answer it is.

const CRLF = '\r\n'

const LOST = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']

/** What the body of a request or an answer consists of. */
export function content (id, length) {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, `${id}:`)
}

export const answers = [
  // --- as it should be
  { name: 'whole', weight: 560, head: true, play: (peer, request) => peer.send(whole(request)) },
  { name: 'chunked', weight: 60, play: (peer, request) => peer.send(chunked(request)) },
  { name: 'pieces', weight: 60, play: (peer, request) => peer.sendInPieces(whole(request)) },
  {
    name: 'informational',
    weight: 40,
    head: true,
    play: (peer, request) => peer.send(['HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n', whole(request)])
  },
  { name: 'close', weight: 40, head: true, play: (peer, request) => peer.sendAndEnd(whole(request, 'connection: close')) },
  { name: 'until-close', weight: 40, play: (peer, request) => peer.sendAndEnd([head(request), CRLF, body(request)]) },
  {
    name: 'old',
    weight: 20,
    play: (peer, request) => peer.sendAndEnd(['HTTP/1.0', head(request).slice('HTTP/1.1'.length), CRLF, body(request)])
  },
  {
    name: 'trailers',
    weight: 20,
    play: (peer, request) => peer.send([head(request), 'transfer-encoding: chunked\r\n\r\n', chunk(body(request)), '0\r\nx-sum: 1\r\n\r\n'])
  },

  // --- the connection ends at the wrong moment
  { name: 'reset-before', isFault: true, weight: 25, head: true, fails: LOST, play: (peer) => peer.reset() },
  { name: 'end-before', isFault: true, weight: 25, head: true, fails: LOST, play: (peer) => peer.end() },
  { name: 'reset-in-head', isFault: true, weight: 20, head: true, fails: LOST, play: (peer, request) => peer.sendAndReset(head(request)) },
  { name: 'end-in-head', isFault: true, weight: 20, head: true, fails: LOST, play: (peer, request) => peer.sendAndEnd(head(request)) },
  { name: 'reset-in-body', isFault: true, weight: 20, fails: LOST, play: (peer, request) => peer.sendAndReset(cut(request)) },
  { name: 'end-in-body', isFault: true, weight: 20, fails: LOST, play: (peer, request) => peer.sendAndEnd(cut(request)) },
  {
    name: 'end-in-chunk',
    isFault: true,
    weight: 15,
    fails: LOST,
    play: (peer, request) => peer.sendAndEnd([head(request), 'transfer-encoding: chunked\r\n\r\n', chunk(body(request)), '5\r\nab'])
  },
  {
    name: 'end-between-chunks',
    isFault: true,
    weight: 10,
    fails: LOST,
    play: (peer, request) => peer.sendAndEnd([head(request), 'transfer-encoding: chunked\r\n\r\n', chunk(body(request))])
  },
  {
    name: 'reset-until-close',
    isFault: true,
    weight: 10,
    fails: LOST,
    play: (peer, request) => peer.sendAndReset([head(request), CRLF, body(request)])
  },
  {
    name: 'reset-after-informational',
    isFault: true,
    weight: 10,
    head: true,
    fails: LOST,
    play: (peer) => peer.sendAndReset('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')
  },
  { name: 'reset-after', isFault: true, weight: 20, head: true, play: (peer, request) => peer.sendAndReset(whole(request)) },
  // It promises to keep the connection and ends it.
  { name: 'end-after', isFault: true, weight: 25, head: true, play: (peer, request) => peer.sendAndEnd(whole(request)) },

  // --- what it says is wrong
  {
    name: 'garbage',
    isFault: true,
    weight: 15,
    head: true,
    fails: ['HPE_INVALID_CONSTANT'],
    play: (peer) => peer.send('\x16\x03\x01 what?\r\n\r\n')
  },
  {
    name: 'bad-field',
    isFault: true,
    weight: 10,
    head: true,
    fails: ['HPE_INVALID_HEADER_TOKEN'],
    play: (peer, request) => peer.send([head(request), 'no colon here\r\ncontent-length: 0\r\n\r\n'])
  },
  {
    name: 'bad-chunk',
    isFault: true,
    weight: 15,
    fails: ['HPE_INVALID_CHUNK_SIZE'],
    play: (peer, request) => peer.send([head(request), 'transfer-encoding: chunked\r\n\r\n', chunk(body(request)), 'nonsense\r\n'])
  },
  {
    name: 'two-lengths',
    isFault: true,
    weight: 10,
    fails: ['HPE_UNEXPECTED_CONTENT_LENGTH'],
    play: (peer, request) => peer.send([head(request), 'content-length: 3\r\ncontent-length: 4\r\n\r\nabcd'])
  },
  {
    name: 'length-and-chunked',
    isFault: true,
    weight: 10,
    fails: ['HPE_INVALID_TRANSFER_ENCODING', 'HPE_INVALID_CONTENT_LENGTH', 'HPE_UNEXPECTED_CONTENT_LENGTH'],
    play: (peer, request) => peer.send([head(request), 'content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'])
  },
  {
    name: 'huge-head',
    isFault: true,
    weight: 5,
    head: true,
    fails: ['UND_ERR_HEADERS_OVERFLOW'],
    play: (peer, request) => peer.send([head(request), `x-much: ${'x'.repeat(20000)}\r\n`.repeat(2), 'content-length: 0\r\n\r\n'])
  },
  {
    name: 'surplus',
    isFault: true,
    weight: 20,
    play: (peer, request) => peer.send([whole(request), 'and one thing more\r\n\r\n'])
  },
  {
    name: 'surplus-answer',
    isFault: true,
    weight: 20,
    alone: true,
    play: (peer, request) => peer.send([whole(request), 'HTTP/1.1 200 OK\r\nx-id: nobody\r\ncontent-length: 6\r\n\r\nwrong!'])
  },
  {
    name: 'surplus-body',
    isFault: true,
    weight: 10,
    play: (peer, request) => peer.send([head(request), `content-length: ${request.length}\r\n\r\n`, body(request), 'xxxxxxxxxx'])
  },

  // --- it takes its time
  { name: 'drip', isFault: true, weight: 15, play: (peer, request) => peer.drip(whole(request)) },
  {
    name: 'stall',
    isFault: true,
    weight: 8,
    head: true,
    timeouts: { headersTimeout: 60 },
    fails: ['UND_ERR_HEADERS_TIMEOUT'],
    play: () => {}
  },
  {
    name: 'stall-in-head',
    isFault: true,
    weight: 5,
    head: true,
    timeouts: { headersTimeout: 60 },
    fails: ['UND_ERR_HEADERS_TIMEOUT'],
    play: (peer, request) => peer.sendAndStall(head(request))
  },
  {
    name: 'stall-in-body',
    isFault: true,
    weight: 8,
    timeouts: { bodyTimeout: 60 },
    fails: ['UND_ERR_BODY_TIMEOUT'],
    play: (peer, request) => peer.sendAndStall(cut(request))
  }
]

/** Ways to treat the body of a request badly; played when its head has come, instead of an answer behind it. */
export const uploads = [
  // It answers without waiting for the body, and does not want it.
  { name: 'early', weight: 1, isFault: true, play: (peer, request) => peer.sendAndEnd(whole(request, 'connection: close')), may: LOST },
  { name: 'reset-in-upload', weight: 1, isFault: true, play: (peer) => peer.reset(), fails: LOST }
]

export const byName = new Map([...answers, ...uploads].map((answer) => [answer.name, answer]))

function head ({ id, upload }) {
  return `HTTP/1.1 200 OK\r\nx-id: ${id}\r\nx-upload: ${upload}\r\n`
}

function body ({ method, id, length }) {
  return method === 'HEAD' ? Buffer.alloc(0) : content(id, length)
}

function whole (request, field) {
  return [head(request), field === undefined ? '' : field + CRLF, `content-length: ${request.length}\r\n\r\n`, body(request)]
}

/** Half of what is announced. */
function cut (request) {
  const half = request.length >> 1
  return [head(request), `content-length: ${request.length + 1}\r\n\r\n`, body(request).subarray(0, half)]
}

function chunked (request) {
  const octets = body(request)
  const middle = octets.length >> 1
  return [
    head(request), 'transfer-encoding: chunked\r\n\r\n',
    chunk(octets.subarray(0, middle)), chunk(octets.subarray(middle)), '0\r\n\r\n'
  ]
}

function chunk (octets) {
  return octets.length === 0
    ? octets
    : Buffer.concat([Buffer.from(octets.length.toString(16) + CRLF), octets, Buffer.from(CRLF)])
}
