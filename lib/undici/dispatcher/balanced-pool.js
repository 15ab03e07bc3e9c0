'use strict'

// The path of undici's lib/dispatcher/balanced-pool: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/balanced-pool').BalancedPool
