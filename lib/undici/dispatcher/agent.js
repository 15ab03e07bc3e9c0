'use strict'

// The path of undici's lib/dispatcher/agent: the class itself.

module.exports = require('../../dispatcher/agent').Agent
