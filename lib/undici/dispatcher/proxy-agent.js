'use strict'

// The path of undici's lib/dispatcher/proxy-agent: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/proxy-agent').ProxyAgent
