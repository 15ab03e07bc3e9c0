'use strict'

// The function about dates that undici has under this path; it lives in lib/core/http-date.js.

module.exports = { parseHttpDate: require('../core/http-date').parseHttpDate }
