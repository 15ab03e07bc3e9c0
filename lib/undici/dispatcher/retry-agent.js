'use strict'

// The path of undici's lib/dispatcher/retry-agent: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/retry-agent').RetryAgent
