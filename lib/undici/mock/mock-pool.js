'use strict'

// The path of undici's lib/mock/mock-pool: the class itself.

module.exports = require('../../mock/mock-pool').MockPool
