'use strict'

// The path of undici's lib/interceptor/redirect-interceptor: the function itself.

module.exports = require('../../interceptor/redirect').createRedirectInterceptor
