'use strict'

// The path of undici's lib/dispatcher/socks5-proxy-agent: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/socks5-proxy-agent').Socks5ProxyAgent
