'use strict'

// The path of undici's lib/handler/retry-handler: the class itself.

module.exports = require('../../handler/retry-handler').RetryHandler
