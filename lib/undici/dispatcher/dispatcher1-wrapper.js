'use strict'

// The path of undici's lib/dispatcher/dispatcher1-wrapper: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/dispatcher1-wrapper').Dispatcher1Wrapper
