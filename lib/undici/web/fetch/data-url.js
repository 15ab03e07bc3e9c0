'use strict'

// The path of undici's lib/web/fetch/data-url, with what of it is here.

const { parseMIMEType, serializeAMimeType } = require('../../../web/mime-type')

module.exports = { parseMIMEType, serializeAMimeType }
