'use strict'

// The path of undici's lib/dispatcher/pool-stats: the class itself.

module.exports = require('../../dispatcher/stats').PoolStats
