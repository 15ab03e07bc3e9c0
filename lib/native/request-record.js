'use strict'

// A request as the submission record that carries it.

const layout = require('./layout')

// A larger body goes piece by piece, so that it is never copied whole.
const WHOLE_BODY_LIMIT = 128 * 1024

/**
 * @param {import('../core/request').Request} request
 * @param {boolean} isStreamed its body follows in pieces
 * @param {boolean} isStarted its user has heard of its start
 * @param {string} defaultHost the host field, unless the user gave one
 * @param {string} serverName whom the peer must speak for; empty for the dispatcher's
 * @param {object|null} decoding which contents are to be told without their codings: see lib/handler/decoded-handler.js
 * @param {object} options the dispatcher's timeouts
 */
function record (request, isStreamed, isStarted, defaultHost, serverName, decoding, options) {
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
    decoding: decoding === null ? '' : decodingRecord(decoding),
    typeOfService: request.typeOfService ?? null,
    connectionAt,
    body: isStreamed ? null : content.bytes,
    declared: content.length ?? 0,
    headersTimeout: request.headersTimeout ?? options.headersTimeout,
    bodyTimeout: request.bodyTimeout ?? options.bodyTimeout,
    timeout: request.timeout ?? options.timeout
  }
}

// One object of wishes is for many requests.
function decodingRecord (decoding) {
  decoding.record ??= decodingOctets(decoding).latin1Slice()
  return decoding.record
}

/** A status that is none is left out: no response has it. */
function decodingOctets ({ maxSize, skipErrorResponses, skipStatusCodes }) {
  const statuses = skipStatusCodes.filter((status) => Number.isInteger(status) && status > 0 && status <= 0xffff)
  const octets = Buffer.alloc(layout.DECODING_SKIPPED_STATUSES + 2 * statuses.length)
  octets.writeBigUInt64LE(BigInt(maxSize), layout.DECODING_MAX_SIZE)
  octets[layout.DECODING_SKIPS_ERRORS] = skipErrorResponses ? 1 : 0
  statuses.forEach((status, index) => octets.writeUInt16LE(status, layout.DECODING_SKIPPED_STATUSES + 2 * index))
  return octets
}

module.exports = { record, WHOLE_BODY_LIMIT }
