'use strict'

// The path of undici's lib/interceptor/cache: the function itself.

module.exports = require('../../interceptor/cache').cache
