'use strict'

// The path of undici's lib/dispatcher/pool: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/pool').Pool
