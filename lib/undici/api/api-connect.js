'use strict'

// The path of undici's lib/api/api-connect: the function itself.

module.exports = require('../../api/connect').connect
