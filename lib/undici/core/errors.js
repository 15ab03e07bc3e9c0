'use strict'

// The path of undici's lib/core/errors.

module.exports = require('../../core/errors')
