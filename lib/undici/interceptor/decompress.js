'use strict'

// The path of undici's lib/interceptor/decompress: the function itself.

module.exports = require('../../interceptor/decompress').decompress
