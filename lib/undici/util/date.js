'use strict'

// The path of undici's lib/util/date: the function about dates.

module.exports = { parseHttpDate: require('../../core/http-date').parseHttpDate }
