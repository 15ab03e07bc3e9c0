'use strict'

// The path of undici's lib/dispatcher/pool: the class itself.

module.exports = require('../../dispatcher/pool').Pool
