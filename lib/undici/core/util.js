'use strict'

// The path of undici's lib/core/util, with what of it is here.

const { exported, hasOwnKindOfIterator, markUsed, plainOctets, toRawHeaders, ...same } = require('../../core/util')
const { isToken } = require('../../core/headers')
const { isValidPort, parseOrigin, parseURL, serializePathWithQuery, serverNameOf } = require('../../core/url')

module.exports = {
  ...same,
  isValidPort,
  parseOrigin,
  parseURL,
  serializePathWithQuery,
  getServerName: serverNameOf,
  isValidHTTPToken: isToken
}
