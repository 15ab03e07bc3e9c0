'use strict'

// The path of undici's lib/web/fetch, with what of it is here.

module.exports = { fetch: require('../../../web').fetch }
