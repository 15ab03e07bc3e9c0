'use strict'

// The path of undici's lib/dispatcher/client: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/client').Client
