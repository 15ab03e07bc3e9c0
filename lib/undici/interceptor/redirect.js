'use strict'

// The path of undici's lib/interceptor/redirect: the function itself.

module.exports = require('../../interceptor/redirect').redirect
