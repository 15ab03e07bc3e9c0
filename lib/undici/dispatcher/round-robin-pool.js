'use strict'

// The path of undici's lib/dispatcher/round-robin-pool: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/round-robin-pool').RoundRobinPool
