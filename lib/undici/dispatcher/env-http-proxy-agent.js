'use strict'

// The path of undici's lib/dispatcher/env-http-proxy-agent: the class itself.

module.exports = require('../../dispatcher/env-http-proxy-agent').EnvHttpProxyAgent
