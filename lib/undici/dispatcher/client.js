'use strict'

// The path of undici's lib/dispatcher/client: the class itself.

module.exports = require('../../dispatcher/client').Client
