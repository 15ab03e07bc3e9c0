'use strict'

// The path of undici's lib/interceptor/response-error: the function itself.

module.exports = require('../../interceptor/response-error').responseError
