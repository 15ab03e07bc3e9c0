'use strict'

// The path of undici's lib/dispatcher/proxy-agent: the class itself.

module.exports = require('../../dispatcher/proxy-agent').ProxyAgent
