'use strict'

// The path of undici's lib/interceptor/dump: the function itself.

module.exports = require('../../interceptor/dump').dump
