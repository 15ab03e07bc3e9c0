'use strict'

// The stores by the names that users know.

module.exports = {
  MemoryCacheStore: require('./memory-cache-store').MemoryCacheStore,
  SqliteCacheStore: require('./sqlite-cache-store').SqliteCacheStore
}
