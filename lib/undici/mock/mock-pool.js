'use strict'

// The path of undici's lib/mock/mock-pool: the class itself.

require('../../api/install')

module.exports = require('../../mock/mock-pool').MockPool
