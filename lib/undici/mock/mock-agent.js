'use strict'

// The path of undici's lib/mock/mock-agent: the class itself.

require('../../api/install')

module.exports = require('../../mock/mock-agent').MockAgent
