'use strict'

// The path of undici's lib/util/stats, with what of it is here.

const { ClientStats, PoolStats } = require('../../dispatcher/stats')

module.exports = { ClientStats, PoolStats }
