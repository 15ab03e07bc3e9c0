'use strict'

// The path of undici's lib/cache/sqlite-cache-store: the class itself.

module.exports = require('../../cache/sqlite-cache-store').SqliteCacheStore
