'use strict'

// The path of undici's lib/core/diagnostics.

module.exports = require('../../core/diagnostics')
