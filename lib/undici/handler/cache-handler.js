'use strict'

// The path of undici's lib/handler/cache-handler: the class itself.

module.exports = require('../../handler/cache-handler').CacheHandler
