'use strict'

// A dispatcher's options as the submission record that opens it, and with them the way through a proxy.

const layout = require('./layout')
const { milliseconds, octetsOf, setLong } = require('./words')

/**
 * @param {object} dispatcher
 * @param {object} options see lib/dispatcher/client-options.js and lib/dispatcher/route.js
 * @returns {Uint8Array[]} its pieces
 */
function openRecord (dispatcher, options) {
  const { tunnel } = options
  const texts = [options.host, options.socketPath ?? '', options.localAddress ?? '', options.serverName ?? '']
    .map((text) => Buffer.from(text))
  const words = new Int32Array(layout.OPEN_WORDS)
  words[0] = dispatcher.slot
  words[1] = dispatcher.generation
  words[layout.OPEN_PORT] = options.port
  words[layout.OPEN_CONNECTIONS] = options.connections
  words[layout.OPEN_PIPELINING] = options.pipelining
  words[layout.OPEN_CONNECT_TIMEOUT] = milliseconds(options.connectTimeout)
  words[layout.OPEN_ATTEMPT_TIMEOUT] = milliseconds(options.attemptTimeout)
  words[layout.OPEN_KEEP_ALIVE_TIMEOUT] = milliseconds(options.keepAliveTimeout)
  words[layout.OPEN_KEEP_ALIVE_MAX_TIMEOUT] = milliseconds(options.keepAliveMaxTimeout)
  words[layout.OPEN_KEEP_ALIVE_THRESHOLD] = Math.max(-0x80000000, Math.min(0x7fffffff, options.keepAliveTimeoutThreshold))
  words[layout.OPEN_MAX_HEADER_SIZE] = Math.min(options.maxHeaderSize, 0xffffffff)
  const bounded = options.maxResponseSize > -1
  setLong(words, layout.OPEN_MAX_RESPONSE_SIZE_LOW, bounded ? options.maxResponseSize : 0)
  words[layout.OPEN_MAX_REQUESTS] = Math.min(options.maxRequests ?? 0, 0xffffffff)
  words[layout.OPEN_TCP_KEEP_ALIVE] = milliseconds(options.tcpKeepAlive ?? 0)
  words[layout.OPEN_FLAGS] =
    (bounded ? layout.OPEN_FLAG_MAX_RESPONSE_SIZE : 0) |
    (options.tcpKeepAlive !== null ? layout.OPEN_FLAG_TCP_KEEP_ALIVE : 0) |
    (options.noDelay ? layout.OPEN_FLAG_NO_DELAY : 0) |
    (options.typeOfService !== null ? layout.OPEN_FLAG_TYPE_OF_SERVICE : 0) |
    (options.lendsSockets ? layout.OPEN_FLAG_LENDS_SOCKETS : 0) |
    (options.announceConnecting ? layout.OPEN_FLAG_ANNOUNCE_CONNECTING : 0)
  words[layout.OPEN_TLS_CONTEXT] = options.security?.id ?? 0
  words[layout.OPEN_TYPE_OF_SERVICE] = options.typeOfService ?? 0
  if (options.share !== null) {
    words[layout.OPEN_SHARE] = options.share.id
    words[layout.OPEN_SHARE_SESSIONS] = Math.min(options.share.maxConnections ?? 0, 0xffffffff)
    words[layout.OPEN_SHARE_IDLE] = Math.min((options.share.maxIdleConnections ?? -1) + 1, 0xffffffff)
  }
  words[layout.OPEN_SERVER_NAME_LENGTH] = texts[3].length
  words[layout.OPEN_HOST_LENGTH] = texts[0].length
  words[layout.OPEN_SOCKET_PATH_LENGTH] = texts[1].length
  words[layout.OPEN_LOCAL_ADDRESS_LENGTH] = texts[2].length
  if (tunnel !== null) {
    texts.push(...tunnelled(words, tunnel))
  }
  return [octetsOf(words), ...texts]
}

// What is beyond the proxy that a dispatcher connects to. Returns the texts.
function tunnelled (words, { ask, answerTimeout, security, serverName, keepsServerName, secureTimeout }) {
  const texts = [
    Buffer.from(serverName),
    Buffer.from(ask.head ?? '', 'latin1'),
    ...[ask.target, ask.username, ask.password].map((text) => Buffer.from(text ?? ''))
  ]
  words[layout.OPEN_TUNNEL] = ask.head === undefined ? layout.TUNNEL_SOCKS5 : layout.TUNNEL_CONNECT
  words[layout.OPEN_FLAGS] |= (keepsServerName ? layout.OPEN_FLAG_KEEPS_SERVER_NAME : 0) |
    (ask.username ? layout.OPEN_FLAG_CREDENTIALS : 0)
  words[layout.OPEN_TUNNEL_TLS_CONTEXT] = security?.id ?? 0
  words[layout.OPEN_TUNNEL_ANSWER_TIMEOUT] = milliseconds(answerTimeout)
  words[layout.OPEN_TUNNEL_SECURE_TIMEOUT] = milliseconds(secureTimeout)
  words[layout.OPEN_TUNNEL_CONNECTION_AT] = ask.connectionAt ?? 0
  words[layout.OPEN_TUNNEL_MAX_HEADER_SIZE] = Math.min(ask.maxHeaderSize ?? 0, 0xffffffff)
  words[layout.OPEN_TUNNEL_HEADERS_TIMEOUT] = milliseconds(ask.headersTimeout ?? 0)
  words[layout.OPEN_TUNNEL_TARGET_PORT] = ask.port ?? 0
  words[layout.OPEN_TUNNEL_SERVER_NAME_LENGTH] = texts[0].length
  words[layout.OPEN_TUNNEL_HEAD_LENGTH] = texts[1].length
  words[layout.OPEN_TUNNEL_TARGET_LENGTH] = texts[2].length
  words[layout.OPEN_TUNNEL_USER_LENGTH] = texts[3].length
  words[layout.OPEN_TUNNEL_PASSWORD_LENGTH] = texts[4].length
  return texts
}

module.exports = { openRecord }
