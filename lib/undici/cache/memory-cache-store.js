'use strict'

// The path of undici's lib/cache/memory-cache-store: the class itself.

module.exports = require('../../cache/memory-cache-store').MemoryCacheStore
