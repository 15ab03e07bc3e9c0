'use strict'

// The path of undici's lib/dispatcher/balanced-pool: the class itself.

module.exports = require('../../dispatcher/balanced-pool').BalancedPool
