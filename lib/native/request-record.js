'use strict'

// A request as the submission record that carries it.

const layout = require('./layout')

// A larger body goes piece by piece, so that it is never copied whole.
const WHOLE_BODY_LIMIT = 1024 * 1024

/**
 * @param {import('../core/request').Request} request
 * @param {boolean} isStreamed its body follows in pieces
 * @param {boolean} isStarted its user has heard of its start
 * @param {string} defaultHost the host field, unless the user gave one
 * @param {string} serverName whom the peer must speak for; empty for the dispatcher's
 * @param {object} options the dispatcher's timeouts
 */
function record (request, isStreamed, isStarted, defaultHost, serverName, options) {
  const { method, content, reset } = request
  const { head, connectionAt, framingAt } = request.serializeHead(defaultHost)
  let flags = 0
  if (method === 'HEAD') flags |= layout.DISPATCH_FLAG_HEAD
  if (method === 'CONNECT') flags |= layout.DISPATCH_FLAG_CONNECT
  if (request.upgrade !== null) flags |= layout.DISPATCH_FLAG_UPGRADE
  if (request.idempotent) flags |= layout.DISPATCH_FLAG_IDEMPOTENT
  if (request.blocking) flags |= layout.DISPATCH_FLAG_BLOCKING
  if (reset === true) flags |= layout.DISPATCH_FLAG_RESET
  if (reset === false) flags |= layout.DISPATCH_FLAG_KEEP
  if (content.unexpected) flags |= layout.DISPATCH_FLAG_UNEXPECTED_CONTENT
  if (content.expectsContent) flags |= layout.DISPATCH_FLAG_EXPECTS_CONTENT
  if (content.awaitsContinue) flags |= layout.DISPATCH_FLAG_EXPECT_CONTINUE
  if (isStarted) flags |= layout.DISPATCH_FLAG_STARTED
  if (connectionAt !== -1) flags |= layout.DISPATCH_FLAG_CONNECTION_FIELD
  if (isStreamed) {
    flags |= layout.DISPATCH_FLAG_STREAMED_BODY
    if (content.length !== null) flags |= layout.DISPATCH_FLAG_DECLARED
  } else if (content.bytes !== null) {
    flags |= layout.DISPATCH_FLAG_WHOLE_BODY
  }
  return {
    flags,
    // The engine frames a streamed body.
    head: isStreamed ? head.slice(0, framingAt) : head,
    serverName,
    typeOfService: request.typeOfService ?? null,
    connectionAt,
    body: isStreamed ? null : content.bytes,
    declared: content.length ?? 0,
    headersTimeout: request.headersTimeout ?? options.headersTimeout,
    bodyTimeout: request.bodyTimeout ?? options.bodyTimeout
  }
}

module.exports = { record, WHOLE_BODY_LIMIT }
