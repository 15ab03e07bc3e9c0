'use strict'

// The path of undici's lib/dispatcher/dispatcher-base: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/dispatcher-base').DispatcherBase
