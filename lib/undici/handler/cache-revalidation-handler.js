'use strict'

// The path of undici's lib/handler/cache-revalidation-handler: the class itself.

module.exports = require('../../handler/cache-revalidation-handler').CacheRevalidationHandler
