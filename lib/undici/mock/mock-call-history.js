'use strict'

// The path of undici's lib/mock/mock-call-history.

module.exports = require('../../mock/mock-call-history')
