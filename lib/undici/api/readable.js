'use strict'

// The path of undici's lib/api/readable, with what of it is here.

module.exports = { Readable: require('../../api/readable').BodyReadable }
