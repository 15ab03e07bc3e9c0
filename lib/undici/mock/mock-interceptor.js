'use strict'

// The path of undici's lib/mock/mock-interceptor.

module.exports = require('../../mock/mock-interceptor')
