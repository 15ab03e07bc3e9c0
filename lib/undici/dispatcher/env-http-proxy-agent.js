'use strict'

// The path of undici's lib/dispatcher/env-http-proxy-agent: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/env-http-proxy-agent').EnvHttpProxyAgent
