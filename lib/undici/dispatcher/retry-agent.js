'use strict'

// The path of undici's lib/dispatcher/retry-agent: the class itself.

module.exports = require('../../dispatcher/retry-agent').RetryAgent
