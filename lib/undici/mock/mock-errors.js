'use strict'

// The path of undici's lib/mock/mock-errors.

module.exports = require('../../mock/mock-errors')
