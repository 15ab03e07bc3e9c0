'use strict'

// The content that a store gave with a response, as octets that are whoever's who gets them: a store in memory gives the
// same ones each time.

const { Readable } = require('node:stream')
const { destroy, isStream } = require('../core/streams')

const ignore = () => {}

const isWhole = (content) => typeof content === 'string' || content instanceof Uint8Array

/** A Buffer of its own. */
const octetsOf = (chunk) => Buffer.from(chunk)

/** @returns {Iterable|null} the pieces that are there already; null where they have to be waited for */
function piecesOf (content) {
  if (content == null) {
    return []
  }
  if (isWhole(content)) {
    return [content]
  }
  return !isStream(content) && typeof content[Symbol.iterator] === 'function' ? content : null
}

/** @returns {Readable} whatever the store gave */
function streamOf (content) {
  return isStream(content) ? content : Readable.from(piecesOf(content) ?? content)
}

/** Nobody wants it. */
function discard (content) {
  if (isStream(content)) {
    destroy(content.on('error', ignore))
  }
}

module.exports = { discard, octetsOf, piecesOf, streamOf }
