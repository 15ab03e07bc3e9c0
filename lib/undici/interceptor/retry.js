'use strict'

// The path of undici's lib/interceptor/retry: the function itself.

module.exports = require('../../interceptor/retry').retry
