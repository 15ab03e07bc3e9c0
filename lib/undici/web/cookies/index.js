'use strict'

// The path of undici's lib/web/cookies/index, with what of it is here.

const { deleteCookie, getCookies, getSetCookies, parseCookie, setCookie } = require('../../../web/cookies')

module.exports = { deleteCookie, getCookies, getSetCookies, parseCookie, setCookie }
