'use strict'

// The path of undici's lib/core/constants, with what of it is here.

const { lowerCased, wellKnownNames } = require('../../core/headers')

module.exports = { wellknownHeaderNames: wellKnownNames, headerNameLowerCasedRecord: lowerCased }
