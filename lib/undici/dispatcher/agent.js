'use strict'

// The path of undici's lib/dispatcher/agent: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/agent').Agent
