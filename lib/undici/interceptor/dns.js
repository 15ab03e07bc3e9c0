'use strict'

// The path of undici's lib/interceptor/dns: the function itself.

module.exports = require('../../interceptor/dns').dns
