'use strict'

// The path of undici's lib/dispatcher/dispatcher-base: the class itself.

module.exports = require('../../dispatcher/dispatcher-base').DispatcherBase
