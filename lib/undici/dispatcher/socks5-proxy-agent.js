'use strict'

// The path of undici's lib/dispatcher/socks5-proxy-agent: the class itself.

module.exports = require('../../dispatcher/socks5-proxy-agent').Socks5ProxyAgent
