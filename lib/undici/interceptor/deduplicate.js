'use strict'

// The path of undici's lib/interceptor/deduplicate: the function itself.

module.exports = require('../../interceptor/deduplicate').deduplicate
