'use strict'

// The path of undici's lib/web/fetch/global.

module.exports = require('../../../web/origin')
