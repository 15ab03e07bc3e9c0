'use strict'

// The path of undici's lib/global.

module.exports = require('../global')
